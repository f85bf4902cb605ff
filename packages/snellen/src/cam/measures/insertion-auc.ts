// Insertion: how fast the class appears while pixels of a blurred picture become sharp, the most relevant first.
// Petsiuk, Das, Saenko, "RISE", BMVC 2018, arXiv:1806.07421; in 32 steps instead of one a row.
import { areaUnderCurve } from "./area-under-curve.ts";
import type { Measure } from "./measure.ts";
import { insertion } from "./perturbations/progressive.ts";

export const insertionAuc: Measure = {
  id: "insertion-auc",
  title: "Insertion AUC",
  summary: "Mean probability while a blurred picture becomes sharp, the most relevant pixels first; 0 to 1.",
  paper: "Petsiuk et al., BMVC 2018, arXiv:1806.07421",
  better: "higher",
  needs: [],
  perturbations: [insertion],
  measure: ({ subject, probability, after }) =>
    areaUnderCurve([...after(insertion), probability], subject.mask.length),
};
