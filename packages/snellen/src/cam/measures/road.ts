// ROAD's three numbers: the mean change of the probability when 80, 60, 40 and 20 % of the pixels are replaced.
// Rong et al., ICML 2022, arXiv:2202.00449; the difference of both orders as in pytorch-grad-cam's ROADCombined.
import type { Evidence, Perturbation } from "./measure.ts";
import { roadLeastRelevant, roadMostRelevant } from "./perturbations/road.ts";

/** Mean of after − before; −1 to 1. */
export function meanChange({ probability, after }: Evidence, perturbation: Perturbation): number {
  const changes = after(perturbation).map((p) => p - probability);
  return changes.reduce((sum, change) => sum + change, 0) / changes.length;
}

/** (LeRF − MoRF) / 2; −0.5 to 0.5. */
export const roadDifference = (evidence: Evidence): number =>
  (meanChange(evidence, roadLeastRelevant) - meanChange(evidence, roadMostRelevant)) / 2;
