// The dead pixel test in numbers. Oracles: JSON, which must give back what went in; a comb whose period is known.
import { parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { fieldOf } from "../size/test-support/made-fields.ts";
import { summarizeDeadPixels } from "./dead-pixel-summary.ts";

const info = describeModel(
  parseGraphText(`<ir_version: 9, opset_import: ["": 19]> agraph (float[N,3,32,32] image) => (float[N,2] logits)
    <float[2,3,1,1] w = {1,2,3,4,5,6}> {
    x = Conv <strides = [2,2]> (image, w) features = Relu (x) pooled = GlobalAveragePool (features) logits = Flatten (pooled) }`),
);
const summaryOf = (value: (x: number, y: number) => number) =>
  summarizeDeadPixels(info, { ...fieldOf(32, 32, value), n: 8 }, [
    { n: 4, relativeError: undefined },
    { n: 8, relativeError: 0.5 },
  ]);

describe("summarizeDeadPixels", () => {
  it.each<[string, (x: number, y: number) => number]>([
    ["a comb", (x) => 1 + (x % 2)],
    ["zeros", () => 0],
  ])("is plain data of %s: null and not undefined where something is not known", (_, value) => {
    const summary = summaryOf(value);
    expect(JSON.parse(JSON.stringify(summary))).toStrictEqual(summary);
    expect(summary.convergence).toStrictEqual([
      { n: 4, relativeError: null },
      { n: 8, relativeError: 0.5 },
    ]);
  });

  it("knows the background of each peak", () => {
    const { peaks } = summaryOf((x) => 1 + (x % 2));
    expect(peaks.map(({ direction, frequency }) => [direction, frequency])).toEqual([["horizontal", 0.5]]);
    for (const { power, background, ratio } of peaks) {
      expect(power).toBeGreaterThan(5 * background);
      expect(ratio).toBeGreaterThanOrEqual(5);
    }
  });
});
