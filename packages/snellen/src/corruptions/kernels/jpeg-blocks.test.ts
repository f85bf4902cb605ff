// Oracle: the discrete cosine transform by its definition, in floating point.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { quantisationTables } from "../digital/jpeg/tables.ts";
import { layOutScratch, layOutSteps, quantiseBlocks } from "./jpeg.ts";
import { withKernelMemory } from "./kernels.ts";

const basis = Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u === 0 ? Math.sqrt(1 / 8) : 0.5) * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

const transform = (block: readonly number[]): number[] =>
  block.map((_, i) => {
    const [v, u] = [i >> 3, i & 7];
    return block.reduce(
      (sum, value, j) => sum + value * basis[8 * v + (j >> 3)]! * basis[8 * u + (j & 7)]!,
      0,
    );
  });

const inverse = (coefficients: readonly number[]): number[] =>
  coefficients.map((_, j) =>
    coefficients.reduce(
      (sum, value, i) => sum + value * basis[8 * (i >> 3) + (j >> 3)]! * basis[8 * (i & 7) + (j & 7)]!,
      0,
    ),
  );

/** What the kernel makes of a plane. */
const quantised = (plane: Uint8Array, width: number, table: Int32Array): Uint8Array =>
  withKernelMemory(100_000, (memory) => {
    const samples = memory.bytes(plane.length);
    samples.set(plane);
    quantiseBlocks(samples, width, layOutSteps(memory, table), layOutScratch(memory, width));
    return samples.slice();
  });

/** Blocks of all kinds: flat, a slope, a wave along the rows or down the columns, noise. */
function blocks(count: number): Uint8Array[] {
  const random = randomStream(11);
  return Array.from({ length: count }, () => {
    const [noise, across, down] = [random.uniform(0, 60), random.uniform(-12, 12), random.uniform(-12, 12)];
    const keep = [random.bits() & 1, random.bits() & 1, random.bits() & 1] as const;
    return Uint8Array.from({ length: 64 }, (_, i) => {
      const slope = keep[1] * across * ((i & 7) - 3.5) + keep[2] * down * ((i >> 3) - 3.5);
      return Math.max(0, Math.min(255, 128 + slope + keep[0] * random.uniform(-noise, noise)));
    });
  });
}

describe.each([
  ["luminance", 25],
  ["luminance", 7],
  ["chrominance", 10],
] as const)("%s at quality %i", (table, quality) => {
  const steps = quantisationTables(quality)[table];
  it("is the rounded transform, where no coefficient lies near a tie", () => {
    let compared = 0;
    for (const block of blocks(120)) {
      const coefficients = transform([...block].map((value) => value - 128));
      const levels = coefficients.map((value, i) => value / steps[i]!);
      if (levels.some((level, i) => Math.abs(Math.abs(level % 1) - 0.5) < 0.3 / steps[i]!)) continue;
      compared++;
      const expected = inverse(levels.map((level, i) => Math.round(level) * steps[i]!));
      for (const [i, value] of quantised(block, 8, steps).entries())
        expect(Math.abs(value - Math.max(0, Math.min(255, 128 + expected[i]!)))).toBeLessThan(0.6);
    }
    expect(compared).toBeGreaterThan(40);
  });
});

// A block of one grey has one coefficient, eight times what it is off 128.
it.each([
  [129, 130],
  [127, 126],
  [131, 132],
  [128, 128],
])("rounds halves away from zero: %i becomes %i with steps of 16", (grey, expected) => {
  const made = quantised(new Uint8Array(64).fill(grey), 8, new Int32Array(64).fill(16));
  expect(new Set(made)).toEqual(new Set([expected]));
});

it.each([0, 255])("cuts off what is rounded beyond black and white (%i)", (grey) => {
  const made = quantised(new Uint8Array(64).fill(grey), 8, new Int32Array(64).fill(220));
  expect(new Set(made)).toEqual(new Set([grey]));
});

it("treats every block of a plane alike", () => {
  const steps = quantisationTables(18).luminance;
  const four = blocks(4);
  const plane = new Uint8Array(256);
  for (const [k, block] of four.entries())
    for (let y = 0; y < 8; y++)
      plane.set(block.subarray(8 * y, 8 * y + 8), ((k >> 1) * 8 + y) * 16 + 8 * (k & 1));
  const made = quantised(plane, 16, steps);
  for (const [k, block] of four.entries()) {
    const expected = quantised(block, 8, steps);
    for (let i = 0; i < 64; i++)
      expect(made[((k >> 1) * 8 + (i >> 3)) * 16 + 8 * (k & 1) + (i & 7)]).toBe(expected[i]);
  }
});
