// Oracle: a network that reads one pixel of four by construction, and one that reads all alike; numbers by hand.
import { parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { checkerboardOf } from "./checkerboard.ts";
import type { FieldPart } from "./field-parts.ts";

const SIDE = 16;

const ones = (count: number): string => new Array(count).fill(1).join();

const strided = (kernel: number) =>
  describeModel(
    parseGraphText(`g (float[N,3,16,16] x) => (float[N,2] y)
      <float[2,3,${kernel},${kernel}] w = {${ones(6 * kernel ** 2)}}> {
        c = Conv <strides = [2, 2]> (x, w) f = Relu (c) p = GlobalAveragePool (f) y = Flatten (p) }`),
  );

const partOf = (value: (row: number, column: number) => number): FieldPart => ({
  images: 2,
  labelled: 0,
  correct: 0,
  skipped: [],
  maps: [Float32Array.from({ length: SIDE * SIDE }, (_, i) => value(Math.floor(i / SIDE), i % SIDE))],
});

it("finds one pixel of four alive, whichever part is left out", () => {
  const alive = (row: number, column: number) => (row % 2 === 0 && column % 2 === 0 ? 8 : 0);
  const found = checkerboardOf(strided(1), [partOf(alive), partOf(alive), partOf(alive)], 0);
  // of means of 4, 0, 0, 0 about a mean of 1
  expect(found.contrast).toEqual({ value: 4, interval: [4, 4] });
  expect(found.finest).toEqual([2, 2]);
  expect(found.deadShare).toBe(0.75);
  expect(found.looks).toEqual({ withPeak: 4, all: 4 });
  expect(found.peak).toMatchObject({ stride: 2, frequency: 0.5 });
  expect(found.offenders).toMatchObject([{ kind: "odd-kernel" }]);
});

it("finds no peak in a field that is the same everywhere, under patches without overlap", () => {
  const flat = partOf(() => 3);
  const found = checkerboardOf(strided(2), [flat, flat], 0);
  expect(found.looks).toEqual({ withPeak: 0, all: 3 });
  expect(found.canShow).toBe(true);
  expect(found.offenders).toEqual([]);
  expect(found.contrast?.value).toBe(0);
});

it("counts a look with a peak only where it shows", () => {
  const flat = partOf(() => 3);
  // the wave is in one part: without it, none is left
  const wavy = partOf((row) => (row % 2 === 0 ? 4 : 2));
  expect(checkerboardOf(strided(2), [flat, flat, wavy], 0).looks).toEqual({ withPeak: 3, all: 4 });
});
