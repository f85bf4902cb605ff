// Oracle: brute force. Every element of a value carries the row and column it came from; moving elements about by hand must
// agree with what the factors of the axes say.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageSpace } from "./follow-space.ts";
import {
  type Axis,
  axisOf,
  fresh,
  isWhole,
  layoutOf,
  renewed,
  reshaped,
  type Space,
  sizeOf,
  tokenAxis,
} from "./space.ts";

/** A value whose elements know their place: [row, column], or [-1, -1] for what is no part of the grid. */
interface Placed {
  readonly dims: readonly number[];
  readonly places: readonly (readonly [number, number])[];
}

const CHANNELS = 4;

function picture(n: number, h: number, w: number): Placed {
  const dims = [n, CHANNELS, h, w];
  const count = n * CHANNELS * h * w;
  const places = Array.from({ length: count }, (_, i) => [Math.floor(i / w) % h, i % w] as const);
  return { dims, places };
}

/** Index along each axis of element `i`. */
function indicesOf(i: number, dims: readonly number[]): number[] {
  let rest = i;
  const indices: number[] = [];
  for (const dim of [...dims].reverse()) {
    indices.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return indices;
}

const offsetOf = (indices: readonly number[], dims: readonly number[]): number =>
  indices.reduce((offset, index, axis) => offset * (dims[axis] as number) + index, 0);

function transposeByHand({ dims, places }: Placed, perm: readonly number[]): Placed {
  const turned = perm.map((axis) => dims[axis] as number);
  const moved = places.map((_, i) => {
    const indices = indicesOf(i, turned);
    const source = dims.map((_, axis) => indices[perm.indexOf(axis)] as number);
    return places[offsetOf(source, dims)] as readonly [number, number];
  });
  return { dims: turned, places: moved };
}

/** Row and column of element `i` as the factors tell them. */
function placeByFactors(axes: readonly Axis[], i: number): [number, number] {
  const place: [number, number] = [0, 0];
  const add = (axis: Axis, index: number): void => {
    let rest = index;
    for (const factor of [...axis].reverse()) {
      const digit = rest % factor.size;
      rest = Math.floor(rest / factor.size);
      if (factor.of === "row") place[0] += digit * factor.step;
      if (factor.of === "column") place[1] += digit * factor.step;
    }
  };
  const dims = axes.map(sizeOf);
  indicesOf(i, dims).forEach((index, axis) => {
    add(axes[axis] as Axis, index);
  });
  return place;
}

/** One random step: axes split and joined anew, or turned. */
type Step =
  | { readonly kind: "reshape"; readonly cuts: readonly number[] }
  | { readonly kind: "turn"; readonly keys: readonly number[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("reshape" as const),
    cuts: fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant("turn" as const),
    keys: fc.array(fc.nat(99), { minLength: 8, maxLength: 8 }),
  }),
);

/** Dimensions of the same count: prime factors of the old ones, in order, grouped by `cuts`. */
function regrouped(dims: readonly number[], cuts: readonly number[]): number[] {
  const primes = dims.flatMap(primeFactors);
  const out: number[] = [];
  for (let at = 0, i = 0; at < primes.length; i++) {
    const take = Math.max(1, (cuts[i % cuts.length] as number) % 4);
    out.push(primes.slice(at, at + take).reduce((a, c) => a * c, 1));
    at += take;
  }
  return out;
}

function primeFactors(n: number): number[] {
  for (let p = 2; p * p <= n; p++) if (n % p === 0) return [p, ...primeFactors(n / p)];
  return n === 1 ? [] : [n];
}

describe("reshaped and transposed axes", () => {
  it("hold the positions that moving the elements by hand gives", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2),
        fc.constantFrom(2, 4, 6, 7),
        fc.constantFrom(3, 4, 8),
        fc.array(step, { minLength: 1, maxLength: 5 }),
        (n, h, w, steps) => {
          let value = picture(n, h, w);
          let { axes } = imageSpace(value.dims, "NCHW");
          for (const s of steps) {
            if (s.kind === "reshape") {
              const dims = regrouped(value.dims, s.cuts);
              const next = reshaped(axes, dims);
              if (next === undefined) return;
              value = { dims, places: value.places };
              axes = next;
            } else {
              const perm = value.dims
                .map((_, i) => i)
                .sort((a, c) => (s.keys[a] as number) - (s.keys[c] as number) || a - c);
              value = transposeByHand(value, perm);
              axes = perm.map((axis) => axes[axis] as Axis);
            }
          }
          expect(axes.map(sizeOf)).toEqual(value.dims);
          expect(value.places.map((_, i) => placeByFactors(axes, i))).toEqual(value.places);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("gives up where a cut does not divide a factor", () => {
    expect(reshaped([axisOf("row", 4), axisOf("column", 3)], [6, 2])).toBeUndefined();
    expect(reshaped([tokenAxis(1, axisOf("row", 3), 0)], [2, 2])).toBeUndefined();
    expect(reshaped([axisOf("row", 4)], [2])).toBeUndefined();
  });

  it("joins what it split", () => {
    const axes = [axisOf("batch", 2), axisOf("row", 6), axisOf("column", 4)];
    const split = reshaped(axes, [2, 3, 2, 2, 2]) as Axis[];
    expect(split.map((axis) => axis.map((f) => [f.of, f.size, f.step]))).toEqual([
      [["batch", 2, 1]],
      [["row", 3, 2]],
      [["row", 2, 1]],
      [["column", 2, 2]],
      [["column", 2, 1]],
    ]);
    expect(reshaped(split, [2, 6, 4])).toEqual(axes);
  });
});

describe("layoutOf", () => {
  const space = (axes: readonly Axis[], grid: [number, number] = [4, 6]): Space => ({
    axes,
    grid,
    roll: [0, 0],
  });
  const [n, c, h, w] = [axisOf("batch", 2), fresh(8), axisOf("row", 4), axisOf("column", 6)];

  it("knows maps with channels first and last", () => {
    expect(layoutOf(space([n, c, h, w]))).toMatchObject({
      kind: "map",
      spatialAxes: [2, 3],
      channelAxis: 1,
      grid: [4, 6],
    });
    expect(layoutOf(space([n, h, w, c]))).toMatchObject({ kind: "map", spatialAxes: [1, 2], channelAxis: 3 });
  });

  it("knows tokens, with others before and behind, transposed, and merged with the batch", () => {
    const grid = [...h, ...w];
    expect(layoutOf(space([n, grid, c]))).toEqual({
      kind: "tokens",
      spatialAxes: [1],
      channelAxis: 2,
      grid: [4, 6],
      prefix: 0,
      suffix: 0,
    });
    expect(layoutOf(space([n, c, tokenAxis(1, grid, 4)]))).toMatchObject({
      kind: "tokens",
      spatialAxes: [2],
      channelAxis: 1,
      prefix: 1,
      suffix: 4,
    });
    expect(layoutOf(space([[...n, ...grid], c]))).toMatchObject({
      kind: "rows",
      spatialAxes: [0],
      channelAxis: 1,
    });
  });

  it("tells the order of tokens that are not kept row by row", () => {
    const [outer, inner] = [axisOf("row", 2).map((f) => ({ ...f, step: 2 })), axisOf("row", 2)];
    expect(layoutOf(space([n, [...inner, ...w, ...outer], c]))?.order).toEqual([
      { axis: 0, size: 2, step: 1 },
      { axis: 1, size: 6, step: 1 },
      { axis: 0, size: 2, step: 2 },
    ]);
  });

  it("takes neighbours moved to the channels as a coarser grid", () => {
    const [outer, inner] = [axisOf("row", 2).map((f) => ({ ...f, step: 2 })), axisOf("row", 2)];
    expect(layoutOf(space([n, outer, w, [...inner, ...c]]))).toMatchObject({ kind: "map", grid: [2, 6] });
  });

  it("refuses windows, split channels, shifted grids and lost axes", () => {
    const [outer, inner] = [axisOf("row", 2).map((f) => ({ ...f, step: 2 })), axisOf("row", 2)];
    expect(layoutOf(space([[...n, ...outer], inner, w, c]))).toBeUndefined();
    expect(layoutOf(space([n, fresh(2), c, h, w]))).toBeUndefined();
    expect(layoutOf({ ...space([n, c, h, w]), roll: [1, 0] })).toBeUndefined();
    expect(layoutOf(space([n, c, h]))).toBeUndefined();
    expect(layoutOf(space([n, c, h, w], [8, 6]))).toBeUndefined();
  });
});

describe("isWhole and renewed", () => {
  it("see that positions were summed away, and count what is left anew", () => {
    const [outer, inner] = [axisOf("row", 3).map((f) => ({ ...f, step: 2 })), axisOf("row", 2)];
    const whole: Space = { axes: [outer, inner, axisOf("column", 5)], grid: [6, 5], roll: [0, 0] };
    expect(isWhole(whole)).toBe(true);
    const pooled = renewed({ ...whole, axes: [outer, [], axisOf("column", 5)] });
    expect([pooled.grid, isWhole(pooled)]).toEqual([[3, 5], true]);
    const lost = renewed({ ...whole, axes: [[], inner, axisOf("column", 5)] });
    expect(isWhole(lost)).toBe(false);
  });
});
