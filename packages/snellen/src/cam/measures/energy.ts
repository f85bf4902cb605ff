// Energy-based pointing game: how much of the map lies on the object.
// Wang et al., "Score-CAM", CVPR Workshops 2020, arXiv:1910.01279; of the positive part of signed maps.
import type { Measure } from "./measure.ts";

export const energy: Measure = {
  id: "energy",
  title: "Energy inside",
  summary: "Share of the positive map that lies on the object; 0 to 1.",
  paper: "Wang et al., CVPR Workshops 2020, arXiv:1910.01279",
  better: "higher",
  needs: ["region"],
  perturbations: [],
  measure({ subject: { mask }, region }) {
    if (region === undefined) return undefined;
    let [inside, total] = [0, 0];
    for (let i = 0; i < mask.length; i++) {
      const value = mask[i] as number;
      total += value;
      if (region.mask[i] === 1) inside += value;
    }
    return inside / total;
  },
};
