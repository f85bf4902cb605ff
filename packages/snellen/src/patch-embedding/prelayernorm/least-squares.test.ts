// Oracle: numpy.linalg.lstsq on the whole design matrix (tools/reference/prelayernorm_least_squares.py); closed forms where it is exact.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ChannelSums, fitChannels, fitPatches, type PatchSums, r2Of } from "./least-squares.ts";

type Rows = readonly (readonly number[])[];
type Solution = { scale: number[]; bias: number[]; residual: number };
const recorded: { patches: Rows; projection: Rows; total: number; channels: Solution; elements: Solution } =
  JSON.parse(readFileSync(new URL("fixtures/least-squares.json", import.meta.url), "utf8"));

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function normalized(row: readonly number[]): number[] {
  const centre = mean(row);
  const deviation = Math.sqrt(mean(row.map((v) => (v - centre) ** 2)) + 1e-6);
  return row.map((v) => (v - centre) / deviation);
}

const product = (rows: Rows, matrix: Rows): number[][] =>
  rows.map((row) => matrix.map((other) => other.reduce((sum, w, k) => sum + w * (row[k] as number), 0)));

const sumOf = (a: Rows, b: Rows): Float64Array =>
  Float64Array.from(a[0] as readonly number[], (_, k) =>
    a.reduce((sum, row, i) => sum + (row[k] as number) * (b[i]?.[k] as number), 0),
  );

const ones = (rows: Rows): Rows => rows.map((row) => row.map(() => 1));

const channelSums = (n: Rows, t: Rows): ChannelSums => ({
  count: n.length,
  n: sumOf(n, ones(n)),
  nn: sumOf(n, n),
  t: sumOf(t, ones(t)),
  tt: sumOf(t, t),
  tn: sumOf(t, n),
});

const outer = (a: Rows, b: Rows): Float64Array => {
  const K = (a[0] as readonly number[]).length;
  return Float64Array.from({ length: K * K }, (_, at) =>
    a.reduce((sum, row, i) => sum + (row[Math.floor(at / K)] as number) * (b[i]?.[at % K] as number), 0),
  );
};

const patchSums = (p: Rows, projection: Rows, total: number): PatchSums => {
  const n = p.map(normalized);
  return {
    count: p.length,
    n: sumOf(n, ones(n)),
    p: sumOf(p, ones(p)),
    nn: outer(n, n),
    np: outer(n, p),
    metric: outer(projection, projection),
    total,
  };
};

/** Differences in parts of the largest number expected. */
const expectNear = (found: Float64Array, expected: readonly number[], tolerance: number) => {
  const largest = Math.max(...expected.map(Math.abs));
  expect(found.length).toBe(expected.length);
  for (const [i, value] of found.entries())
    expect(Math.abs(value - (expected[i] as number)) / largest).toBeLessThan(tolerance);
};

describe("channel by channel", () => {
  const targets = product(recorded.patches, recorded.projection);
  const fit = fitChannels(channelSums(targets.map(normalized), targets));

  it("as NumPy", () => {
    expectNear(fit.affine.scale, recorded.channels.scale, 1e-9);
    expectNear(fit.affine.bias, recorded.channels.bias, 1e-9);
    expect(fit.residual / recorded.channels.residual).toBeCloseTo(1, 9);
    expect(fit.total / recorded.total).toBeCloseTo(1, 9);
    expect(r2Of(fit)).toBeCloseTo(1 - recorded.channels.residual / recorded.total, 9);
  });

  it("exact where the target is an affine function of n; γ = 0 where n never changes", () => {
    const n = [
      [1, 2],
      [3, 2],
      [-2, 2],
    ];
    const { affine, residual } = fitChannels(
      channelSums(
        n,
        n.map(([a = 0]) => [3 * a - 1, 5]),
      ),
    );
    expect([...affine.scale, ...affine.bias]).toEqual([3, 0, -1, 5].map((v) => expect.closeTo(v, 12)));
    expect(residual).toBeCloseTo(0, 10);
  });
});

describe("of flattened patches", () => {
  const fit = fitPatches(patchSums(recorded.patches, recorded.projection, recorded.total));

  // the ridge of 1e-6 moves the solution by about as much
  it("as NumPy, up to the ridge", () => {
    expectNear(fit.affine.scale, recorded.elements.scale, 1e-4);
    expectNear(fit.affine.bias, recorded.elements.bias, 1e-4);
    expect(fit.residual / recorded.elements.residual).toBeCloseTo(1, 6);
  });

  it("of sums that are symmetric up to rounding only", () => {
    const sums = patchSums(recorded.patches, recorded.projection, recorded.total);
    const rounded = (matrix: Float64Array) => matrix.map((v, i) => v * (1 + (i % 7) * 1e-8));
    const again = fitPatches({ ...sums, nn: rounded(sums.nn), metric: rounded(sums.metric) });
    expectNear(again.affine.scale, [...fit.affine.scale], 1e-5);
  });

  it("better by what stands behind the projection than element by element", () => {
    const n = recorded.patches.map(normalized);
    const { scale, bias } = fitChannels(channelSums(n, recorded.patches)).affine;
    const errors = n.map((row, i) =>
      row.map(
        (v, k) => (scale[k] as number) * v + (bias[k] as number) - (recorded.patches[i]?.[k] as number),
      ),
    );
    const residual = product(errors, recorded.projection)
      .flat()
      .reduce((sum, v) => sum + v * v, 0);
    expect(residual).toBeGreaterThan(1.001 * fit.residual);
  });

  it("element by element in directions that the projection does not see", () => {
    const blind = recorded.projection.map((row) => row.map((w, k) => (k === 2 ? 0 : w)));
    const total = product(recorded.patches, blind);
    const centre = total[0]?.map((_, d) => mean(total.map((row) => row[d] as number))) ?? [];
    const spread = total.flat().reduce((sum, v, i) => sum + (v - (centre[i % 8] as number)) ** 2, 0);
    const { scale } = fitPatches(patchSums(recorded.patches, blind, spread)).affine;
    const n = recorded.patches.map(normalized);
    const alone = fitChannels(channelSums(n, recorded.patches)).affine.scale;
    expect(scale[2]).toBeCloseTo(alone[2] as number, 9);
    expect(scale.every(Number.isFinite)).toBe(true);
  });
});

it("says nothing of a target that never changes", () => {
  expect(r2Of({ residual: 0, total: 0 })).toBeNull();
});
