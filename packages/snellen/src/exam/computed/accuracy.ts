// Share of labelled images whose class is the highest score, or among the five highest.
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

/** 95 % interval of a proportion. Wilson, JASA 22, 1927. */
export function wilson(successes: number, n: number): [low: number, high: number] {
  const z = 1.959964;
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = p + (z * z) / (2 * n);
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
