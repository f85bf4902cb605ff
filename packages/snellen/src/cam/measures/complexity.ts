// Complexity: how much of the picture the map marks. Poppi et al., "Revisiting the Evaluation of Class Activation Mapping for
// Explainability", CVPR Workshops 2021, arXiv:2104.10252: the L1 norm of the 0..1 map, per pixel.
import type { Evidence, Measure } from "./measure.ts";

export const complexityOf = ({ subject: { mask } }: Evidence): number =>
  mask.reduce((sum, v) => sum + v, 0) / mask.length;

export const complexity: Measure = {
  id: "complexity",
  title: "Complexity",
  summary: "Mean of the map scaled to a maximum of 1; 0 to 1.",
  paper: "Poppi et al., CVPR Workshops 2021, arXiv:2104.10252",
  better: "lower",
  needs: [],
  perturbations: [],
  measure: complexityOf,
};
