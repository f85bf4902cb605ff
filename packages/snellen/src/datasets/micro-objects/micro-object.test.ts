// Oracles: equality of bytes, boxes found by scanning for green and blue of 0, chi-square of places.
import { describe, expect, it } from "vitest";
import { MICRO_OBJECT_SIDE, type MicroObject, makeMicroObject, microObjectClass } from "./micro-object.ts";

const samples = Array.from({ length: 200 }, (_, index) => makeMicroObject({ seed: 3, index, size: 32 }));

/** Pixels that can only be the box's. */
const boxPixels = ({ image: { data } }: MicroObject): number[] =>
  Array.from({ length: data.length / 3 }, (_, p) => p).filter(
    (p) => data[3 * p + 1] === 0 && data[3 * p + 2] === 0,
  );

describe("makeMicroObject", () => {
  it("gives the same bytes for the same seed and index, others for others", () => {
    const hex = (seed: number, index: number) =>
      Buffer.from(makeMicroObject({ seed, index, size: 32 }).image.data).toString("hex");
    expect(hex(3, 7)).toBe(Buffer.from(samples[7]!.image.data).toString("hex"));
    expect(new Set([hex(3, 7), hex(3, 8), hex(4, 7), hex(-4, 7)]).size).toBe(4);
  });

  it("shows one box, whole, where mask and box say, in the colour of its class", () => {
    for (const sample of samples) {
      const { box, mask, label, image } = sample;
      const expected = Array.from({ length: 32 * 32 }, (_, p) => p).filter((p) => {
        const [x, y] = [p % 32, Math.floor(p / 32)];
        return x >= box.x && x < box.x + 8 && y >= box.y && y < box.y + 8;
      });
      expect(boxPixels(sample)).toEqual(expected);
      expect(expected.length).toBe(MICRO_OBJECT_SIDE ** 2);
      for (const p of expected) expect(image.data[3 * p]).toBe(label === "red" ? 255 : 0);
      expect([...mask.keys()].filter((p) => mask[p] === 255)).toEqual(expected);
      expect(mask.every((share) => share === 0 || share === 255)).toBe(true);
    }
  });

  it("holds as many of each class, in an order that is not always the same", () => {
    for (let index = 0; index < samples.length; index += 2)
      expect(samples[index]!.classIndex + samples[index + 1]!.classIndex).toBe(1);
    const first = samples.filter(({ classIndex, index }) => index % 2 === 0 && classIndex === 1).length;
    // 100 fair draws: five standard deviations
    expect(Math.abs(first - 50)).toBeLessThan(25);
    for (const { classIndex, index } of samples) expect(microObjectClass(3, index)).toBe(classIndex);
  });

  it("puts the box everywhere alike", () => {
    const counts = new Array(9 * 9).fill(0);
    for (let index = 0; index < 2025; index++) {
      const { box } = makeMicroObject({ seed: 1, index, size: 16 });
      counts[9 * box.y + box.x]++;
    }
    const chi = counts.reduce((sum, count) => sum + (count - 25) ** 2 / 25, 0);
    // 80 degrees of freedom: mean 80, standard deviation 12.6
    expect(chi).toBeLessThan(80 + 5 * 12.7);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  it("does not tell the class by the picture's mean", () => {
    const means = samples.map(({ image: { data } }) => data.reduce((a, b) => a + b, 0) / data.length);
    const mean = (label: string) => {
      const some = means.filter((_, i) => samples[i]!.label === label);
      return some.reduce((a, b) => a + b, 0) / some.length;
    };
    const spread = Math.sqrt(means.reduce((sum, m) => sum + (m - mean("red")) ** 2, 0) / means.length);
    // a box of 64 pixels of 1024 moves the mean by 5 or so
    expect(Math.abs(mean("red") - mean("black"))).toBeLessThan(spread / 2);
  });

  it.each([
    [{ seed: 0.5, index: 0 }, "seed"],
    [{ seed: 0, index: -1 }, "index"],
    [{ seed: 0, index: 0, size: 15 }, "size"],
    [{ seed: 0, index: 0, size: 4097 }, "size"],
  ])("refuses %j", (request, word) => {
    const draw = () => makeMicroObject(request);
    expect(draw).toThrow(expect.objectContaining({ code: "bad-micro-object" }));
    expect(draw).toThrow(word);
  });
});
