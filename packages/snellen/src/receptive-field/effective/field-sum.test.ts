// Sums over batches. Oracles: a plain mean, and the spread of many independent runs on pictures of known variance.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { addBatch, emptySum, fieldMapOf } from "./field-sum.ts";

/** A picture's contribution: uniform numbers of variance 1/12 around `mean` at each of four pixels. */
const picture = (draw: ReturnType<typeof randomStream>, mean: number): number[] =>
  Array.from({ length: 4 }, () => draw.uniform(mean - 0.5, mean + 0.5));

function summed(pictures: readonly number[][], size: number) {
  const sum = emptySum("a", [2, 2]);
  for (let first = 0; first < pictures.length; first += size) {
    const part = pictures.slice(first, first + size);
    addBatch(
      sum,
      [0, 1, 2, 3].map((p) => part.reduce((total, own) => total + (own[p] as number), 0)),
      part.length,
    );
  }
  return sum;
}

describe("a field's sum", () => {
  it("is the mean of what pictures contributed, however they are batched", () => {
    const pictures = [
      [1, 0, 2, 5],
      [3, 0, 2, 1],
      [2, 3, 2, 0],
    ];
    for (const size of [1, 2, 3]) {
      const sum = summed(pictures, size);
      expect([...fieldMapOf(sum).values]).toEqual([2, 1, 2, 2]);
      expect(fieldMapOf(sum)).toMatchObject({ n: 3, dims: [2, 2] });
    }
  });

  it.each([1, 3])("estimates its relative error from batches of %i", (size) => {
    const draw = randomStream(4, size);
    const runs = Array.from({ length: 400 }, () => Array.from({ length: 30 }, () => picture(draw, 2)));
    const estimates = runs.map((pictures) => summed(pictures, size).curve.at(-1)?.relativeError ?? 0);
    // √(4 · 1/12 / 30) / √(4 · 2²): standard error of the mean of 30 over the field's length
    const expected = Math.sqrt(4 / 12 / 30) / 4;
    const mean = estimates.reduce((a, v) => a + v, 0) / estimates.length;
    // 400 runs know the mean of estimates to about 1 %; the root's bias is smaller
    expect(mean / expected).toBeGreaterThan(0.96);
    expect(mean / expected).toBeLessThan(1.04);
  });

  it("knows no error before the second batch, nor where nothing was contributed", () => {
    expect(summed([[1, 2, 3, 4]], 1).curve).toEqual([{ n: 1, relativeError: undefined }]);
    expect(
      summed(
        [
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ],
        1,
      ).curve.at(-1),
    ).toEqual({ n: 2, relativeError: undefined });
    expect(
      summed(
        [
          [1, 2, 3, 4],
          [1, 2, 3, 4],
        ],
        1,
      ).curve.at(-1),
    ).toEqual({ n: 2, relativeError: 0 });
  });
});
