// Drop in deletion: how much of the class's probability is lost when what the map marks is taken away.
// Jung & Oh, "Towards Better Explanations of Class Activation Mapping", ICCV 2021: (Y − D) / Y. A rise counts as negative here.
import type { Measure } from "./measure.ts";
import { removed } from "./perturbations/masked.ts";

export const dropInDeletion: Measure = {
  id: "drop-in-deletion",
  title: "Drop in deletion",
  summary:
    "Share of the probability lost when what the map marks is removed; at most 1, negative for a rise.",
  paper: "Jung & Oh, ICCV 2021, arXiv:2102.05228",
  better: "higher",
  needs: [],
  perturbations: [removed],
  measure({ probability, after }) {
    const [left] = after(removed);
    return left === undefined || !(probability > 0) ? undefined : (probability - left) / probability;
  },
};
