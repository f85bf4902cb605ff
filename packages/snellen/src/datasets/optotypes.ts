// Optotypes as a data set: Sloan letters on textured backgrounds (`optotypes/optotype.ts`).
import type { DrawnSet } from "./drawn-set.ts";
import { annotateOptotype } from "./optotypes/annotations.ts";
import { makeOptotype, type Optotype, optotypeClass, optotypeLimits } from "./optotypes/optotype.ts";
import { optotypeLabels } from "./optotypes/sloan-letters.ts";

export const optotypeSet: DrawnSet<Optotype> = {
  id: "optotypes",
  summary: "Sloan letters on textured backgrounds",
  labels: optotypeLabels,
  size: { least: optotypeLimits.size, usual: 64, most: 4096 },
  classOf: optotypeClass,
  draw: makeOptotype,
  annotate: annotateOptotype,
};
