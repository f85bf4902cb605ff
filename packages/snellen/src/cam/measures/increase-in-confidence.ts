// Increase in confidence: whether the class becomes more probable when only what the map marks is shown.
// Chattopadhay et al., "Grad-CAM++", WACV 2018; the mean over images is the share that rose.
import type { Measure } from "./measure.ts";
import { kept } from "./perturbations/masked.ts";

export const increaseInConfidence: Measure = {
  id: "increase-in-confidence",
  title: "Increase in confidence",
  summary: "1 where the probability rises when only what the map marks is shown, otherwise 0.",
  paper: "Chattopadhay et al., WACV 2018, arXiv:1710.11063",
  better: "higher",
  needs: [],
  perturbations: [kept],
  measure({ probability, after }) {
    const [shown] = after(kept);
    return shown === undefined ? undefined : Number(shown > probability);
  },
};
