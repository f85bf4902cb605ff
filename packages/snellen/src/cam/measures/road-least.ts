// ROAD, least relevant first (LeRF): the class should stay as probable. Rong et al., arXiv:2202.00449.
// As in pytorch-grad-cam's ROADLeastRelevantFirstAverage.
import type { Measure } from "./measure.ts";
import { roadLeastRelevant } from "./perturbations/road.ts";
import { meanChange } from "./road.ts";

export const roadLeast: Measure = {
  id: "road-least",
  title: "ROAD, least relevant first",
  summary: "Mean change of the probability when the least relevant pixels are imputed; −1 to 1.",
  paper: "Rong et al., ICML 2022, arXiv:2202.00449",
  better: "higher",
  needs: [],
  perturbations: [roadLeastRelevant],
  measure: (evidence) => meanChange(evidence, roadLeastRelevant),
};
