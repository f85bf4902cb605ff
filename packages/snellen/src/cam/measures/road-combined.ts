// ROAD, both orders: half the difference between losing the least and losing the most relevant pixels, (LeRF − MoRF) / 2.
// Rong et al., arXiv:2202.00449; as in pytorch-grad-cam's ROADCombined. A map at random has 0.
import type { Measure } from "./measure.ts";
import { roadLeastRelevant, roadMostRelevant } from "./perturbations/road.ts";
import { roadDifference } from "./road.ts";

export const roadCombined: Measure = {
  id: "road-combined",
  title: "ROAD, combined",
  summary: "Half the difference between imputing the least and the most relevant pixels; −0.5 to 0.5.",
  paper: "Rong et al., ICML 2022, arXiv:2202.00449",
  better: "higher",
  needs: [],
  perturbations: [roadMostRelevant, roadLeastRelevant],
  measure: roadDifference,
};
