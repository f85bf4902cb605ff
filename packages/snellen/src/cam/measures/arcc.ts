// ARCC: as ADCC, with ROAD in place of the average drop: the harmonic mean of coherency, 1 − complexity and 2 · ROAD (0 to 1).
// Domeniconi et al., "How to Evaluate and Refine your CAM", arXiv:2605.14641; as in pytorch-grad-cam's ARCC.
import { coherencyOf } from "./coherency.ts";
import { complexityOf } from "./complexity.ts";
import { harmonicMean } from "./harmonic-mean.ts";
import type { Measure } from "./measure.ts";
import { roadLeastRelevant, roadMostRelevant } from "./perturbations/road.ts";
import { roadDifference } from "./road.ts";

export const arcc: Measure = {
  id: "arcc",
  title: "ARCC",
  summary: "Harmonic mean of coherency, 1 − complexity and twice ROAD (clipped to 0..1); 0 to 1.",
  paper: "Domeniconi et al., arXiv:2605.14641; coherency and complexity by Poppi et al., arXiv:2104.10252",
  better: "higher",
  needs: ["map-again"],
  perturbations: [roadMostRelevant, roadLeastRelevant],
  measure: (evidence) =>
    harmonicMean([
      coherencyOf(evidence),
      1 - complexityOf(evidence),
      Math.min(Math.max(2 * roadDifference(evidence), 0), 1),
    ]),
};
