// Oracles: counts by hand.
import { describe, expect, it } from "vitest";
import { prediction } from "../test-support/artifacts.ts";
import { accuracy } from "./accuracy.ts";
import { extremes } from "./extremes.ts";

const top = (...classes: number[]) =>
  classes.map((classIndex) => ({ classIndex, name: "", probability: 0.1 }));

describe("accuracy", () => {
  it("counts first and five first among the labelled images", () => {
    const predictions = [
      prediction(0, { label: 1, top: top(1, 2) }),
      prediction(1, { label: 2, top: top(1, 3, 4, 5, 2) }),
      prediction(2, { label: 9, top: top(1, 2, 3, 4, 5) }),
      prediction(3, { label: undefined }),
    ];
    expect(accuracy.make({ predictions }, {} as never)).toMatchObject({
      labelled: 3,
      top1: 1 / 3,
      top5: 2 / 3,
    });
    expect(accuracy.make({ predictions: predictions.slice(3) }, {} as never)).toBeUndefined();
  });
});

describe("extremes", () => {
  const of = (n: number) => {
    const predictions = Array.from({ length: n }, (_, i) => prediction(i, { confidence: ((i * 7) % n) / n }));
    return {
      predictions,
      found: extremes.make({ predictions }, {} as never) as { worst: number[]; best: number[] },
    };
  };

  it.each([0, 1, 2, 3, 7, 8, 30])("takes at most four of %i images from each end, and none twice", (n) => {
    const { predictions, found } = of(n);
    const confidence = (i: number) => predictions[i]?.confidence as number;
    expect(found.worst).toHaveLength(Math.min(4, Math.ceil(n / 2)));
    expect(found.best).toHaveLength(Math.min(4, Math.floor(n / 2)));
    expect(new Set([...found.worst, ...found.best]).size).toBe(found.worst.length + found.best.length);
    expect(found.worst).toEqual([...found.worst].sort((a, c) => confidence(a) - confidence(c)));
    expect(found.best).toEqual([...found.best].sort((a, c) => confidence(c) - confidence(a)));
  });
});
