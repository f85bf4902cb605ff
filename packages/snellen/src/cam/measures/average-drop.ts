// Average drop: how much of the class's probability is lost when only what the map marks is shown.
// Chattopadhay et al., "Grad-CAM++", WACV 2018: max(0, Y − O) / Y; the mean over images is the measure.
import type { Evidence, Measure } from "./measure.ts";
import { kept } from "./perturbations/masked.ts";

/** 0 to 1; undefined for a probability of zero, of which nothing can be lost. */
export function dropOfKept({ probability, after }: Evidence): number | undefined {
  const [shown] = after(kept);
  if (shown === undefined || !(probability > 0)) return undefined;
  return Math.max(0, probability - shown) / probability;
}

export const averageDrop: Measure = {
  id: "average-drop",
  title: "Average drop",
  summary: "Share of the probability lost when only what the map marks is shown; 0 to 1.",
  paper: "Chattopadhay et al., WACV 2018, arXiv:1710.11063",
  better: "lower",
  needs: [],
  perturbations: [kept],
  measure: dropOfKept,
};
