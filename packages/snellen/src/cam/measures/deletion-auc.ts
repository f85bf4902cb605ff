// Deletion: how fast the class is lost while pixels go, the most relevant first.
// Petsiuk, Das, Saenko, "RISE", BMVC 2018, arXiv:1806.07421; in 32 steps instead of one a row.
import { areaUnderCurve } from "./area-under-curve.ts";
import type { Measure } from "./measure.ts";
import { deletion } from "./perturbations/progressive.ts";

export const deletionAuc: Measure = {
  id: "deletion-auc",
  title: "Deletion AUC",
  summary: "Mean probability while pixels are replaced by nothing, the most relevant first; 0 to 1.",
  paper: "Petsiuk et al., BMVC 2018, arXiv:1806.07421",
  better: "lower",
  needs: [],
  perturbations: [deletion],
  measure: ({ subject, probability, after }) =>
    areaUnderCurve([probability, ...after(deletion)], subject.mask.length),
};
