// Oracles: constants, ramps and means, which scaling must keep; pixels by hand.
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { scaleMap, scalePicture } from "./scale-picture.ts";

const mean = (values: Float32Array) => values.reduce((a, v) => a + v, 0) / values.length;

describe("scalePicture", () => {
  it.each([
    [32, 32, 224, 224],
    [300, 150, 100, 50],
    [1, 1000, 224, 224],
  ])("brings %ix%i to its longer side", (width, height, size, _) => {
    const out = scalePicture(createCanvas(width, height, [9, 9, 9]), size);
    expect(Math.max(out.width, out.height)).toBe(size);
    expect(Math.min(out.width, out.height)).toBe(
      Math.max(1, Math.round((size * Math.min(width, height)) / Math.max(width, height))),
    );
    expect(out.data).toHaveLength(out.width * out.height * 3);
    expect(out.data.every((v) => v === 9)).toBe(true);
  });

  it("keeps the pixels of small pictures", () => {
    const out = scalePicture({ width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 255, 255, 255) }, 4);
    expect(out.data.filter((_, i) => i % 3 === 0)).toEqual(Uint8Array.of(0, 0, 255, 255, 0, 0, 255, 255));
  });

  it("hands back a picture of that size", () => {
    const picture = createCanvas(5, 3);
    expect(scalePicture(picture, 5)).toBe(picture);
  });
});

describe("scaleMap", () => {
  const ramp = (side: number) => ({
    values: Float32Array.from({ length: side * side }, (_, i) => (i % side) + 0.5),
    dims: [side, side] as const,
  });

  it("keeps a ramp between the outermost centres", () => {
    const { values, dims } = scaleMap(ramp(8), 8, 32);
    expect(dims).toEqual([8, 32]);
    // pixel x lies at (x + 0.5) / 4 of the old scale
    for (let x = 2; x < 30; x++) expect(values[x]).toBeCloseTo((x + 0.5) / 4, 5);
    expect(values[0]).toBe(0.5);
    expect(values[31]).toBe(7.5);
  });

  it("averages where it shrinks", () => {
    const spike = { values: new Float32Array(64), dims: [8, 8] as const };
    spike.values[27] = 16;
    const small = scaleMap(spike, 2, 2);
    expect(small.values.every((v) => v > 0)).toBe(true);
    // 16 over 16 pixels; triangles reach a little further, and are cut at the edges
    expect(Math.abs(mean(small.values) - mean(spike.values))).toBeLessThan(0.1);
    expect(mean(scaleMap(ramp(64), 7, 7).values)).toBeCloseTo(32, 0);
  });

  it("hands back a map of that size", () => {
    const map = ramp(3);
    expect(scaleMap(map, 3, 3)).toBe(map);
  });
});
