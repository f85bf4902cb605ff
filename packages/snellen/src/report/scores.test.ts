// Oracle: tables and bars written by hand.
import { describe, expect, it } from "vitest";
import type { ConfigurationScores } from "../cam/study.ts";
import { arrow, sanityTable, scoreBars } from "./scores.ts";

const scored = (name: string, mean: number | undefined): ConfigurationScores => ({
  configuration: { name, method: "grad-cam", upsampling: "bilinear", options: {} },
  scores: [
    { measure: "energy", count: 3, mean, interval: mean === undefined ? undefined : [mean - 1, mean + 1] },
  ],
});

describe("scoreBars", () => {
  const scores = [scored("a", 2), scored("b", undefined), scored("c", 5)];

  it.each([
    ["higher", ["c", "a"], "↑"],
    ["lower", ["a", "c"], "↓"],
  ] as const)(
    "puts the best first where %s is better, without those that have no value",
    (better, order, sign) => {
      const { bars, caption } = scoreBars(scores, { id: "energy", title: "Energy", better });
      expect(bars.map(({ label }) => label)).toEqual(order);
      expect(bars.find(({ label }) => label === "a")).toEqual({ label: "a", value: 2, low: 1, high: 3 });
      expect([caption, arrow(better)]).toEqual([`Energy ${sign}, the best first`, sign]);
    },
  );
});

describe("sanityTable", () => {
  it("has a column a level, of which the last is all layers", () => {
    const rows = [{ method: "grad-cam", similarity: [0.9, 0.1], interval: [0.05, 0.152] as const }];
    const table = sanityTable({ layers: 7, levels: [1, 7], rows });
    expect(table.columns.map(({ title }) => title)).toEqual(["method", "last 1", "all 7", "95 %"]);
    expect(table.rows).toEqual([["Grad-CAM", 0.9, 0.1, "0.05 to 0.15"]]);
  });
});
