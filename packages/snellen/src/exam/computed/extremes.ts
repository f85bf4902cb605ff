// The images most worth looking at: where the true class got the least, and the most.
import type { ImagePrediction, Maker } from "../artifacts.ts";

const SHOWN = 4;

/** No image is among both. With labels, the confidence is that of the true class; without, of the predicted one. */
export const extremes: Maker<"extremes", "predictions"> = {
  id: "extremes",
  needs: ["predictions"],
  make({ predictions }) {
    const order = [...predictions].sort((a, c) => a.confidence - c.confidence || a.index - c.index);
    const shown = Math.min(SHOWN, Math.ceil(order.length / 2));
    const indices = (part: readonly ImagePrediction[]) => part.map((p) => p.index);
    return {
      worst: indices(order.slice(0, shown)),
      best: indices(order.slice(Math.max(shown, order.length - shown)).reverse()),
    };
  },
};
