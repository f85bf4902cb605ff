// Share of labelled images whose class is the highest score, or among the five highest.
import { wilson } from "../../robustness/figures/estimates.ts";
import type { Accuracy, Maker } from "../artifacts.ts";

export const accuracy: Maker<"accuracy", "predictions"> = {
  id: "accuracy",
  needs: ["predictions"],
  make({ predictions }): Accuracy | undefined {
    const labelled = predictions.filter((p) => p.label !== undefined);
    if (labelled.length === 0) return undefined;
    const within = (k: number) =>
      labelled.filter((p) => p.top.slice(0, k).some((t) => t.classIndex === p.label)).length;
    const n = labelled.length;
    return { labelled: n, top1: within(1) / n, top5: within(5) / n, interval: wilson(within(1), n) };
  },
};
