// ROAD, most relevant first (MoRF): the class should become less probable. Rong et al., arXiv:2202.00449.
// As in pytorch-grad-cam's ROADMostRelevantFirstAverage.
import type { Measure } from "./measure.ts";
import { roadMostRelevant } from "./perturbations/road.ts";
import { meanChange } from "./road.ts";

export const roadMost: Measure = {
  id: "road-most",
  title: "ROAD, most relevant first",
  summary: "Mean change of the probability when the most relevant pixels are imputed; −1 to 1.",
  paper: "Rong et al., ICML 2022, arXiv:2202.00449",
  better: "lower",
  needs: [],
  perturbations: [roadMostRelevant],
  measure: (evidence) => meanChange(evidence, roadMostRelevant),
};
