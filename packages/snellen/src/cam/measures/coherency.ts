// Coherency: whether the method finds the same again when it is shown only what its map marks.
// Poppi et al., CVPR Workshops 2021, arXiv:2104.10252: Pearson's correlation r of both maps, as (1 + r) / 2.
import { pearson } from "./correlation.ts";
import type { Evidence, Measure } from "./measure.ts";

/** 0 to 1. A map that is the same everywhere correlates with nothing (r = 0), as in pytorch-grad-cam. */
export const coherencyOf = ({ subject: { mask }, mapAgain }: Evidence): number | undefined =>
  mapAgain === undefined ? undefined : (1 + (pearson(mask, mapAgain) ?? 0)) / 2;

export const coherency: Measure = {
  id: "coherency",
  title: "Coherency",
  summary:
    "Correlation of the map with the map of the picture multiplied by it, from 0 (opposite) to 1 (same).",
  paper: "Poppi et al., CVPR Workshops 2021, arXiv:2104.10252",
  better: "higher",
  needs: ["map-again"],
  perturbations: [],
  measure: coherencyOf,
};
