// ADCC: coherency, simplicity and faithfulness in one number, the harmonic mean of coherency, 1 − complexity, 1 − average drop.
// Poppi et al., CVPR Workshops 2021, arXiv:2104.10252.
import { dropOfKept } from "./average-drop.ts";
import { coherencyOf } from "./coherency.ts";
import { complexityOf } from "./complexity.ts";
import { harmonicMean } from "./harmonic-mean.ts";
import type { Measure } from "./measure.ts";
import { kept } from "./perturbations/masked.ts";

export const adcc: Measure = {
  id: "adcc",
  title: "ADCC",
  summary: "Harmonic mean of coherency, 1 − complexity and 1 − average drop; 0 to 1.",
  paper: "Poppi et al., CVPR Workshops 2021, arXiv:2104.10252",
  better: "higher",
  needs: ["map-again"],
  perturbations: [kept],
  measure(evidence) {
    const drop = dropOfKept(evidence);
    return harmonicMean([
      coherencyOf(evidence),
      1 - complexityOf(evidence),
      drop === undefined ? undefined : 1 - drop,
    ]);
  },
};
