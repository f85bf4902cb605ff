// Non-negative factorization of features. Oracles: scikit-learn's errors (tools/reference/nmf_errors.py), factors planted here,
// and the algorithm's own promise that no sweep makes the error larger.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { type Factorization, type Features, factorize } from "./concepts.ts";

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/nmf.json"), "utf8"));
const FEATURES: Features = { dims: recorded.dims, values: Float32Array.from(recorded.features) };

/** |V − W·H| / |V| from the factors themselves. */
function errorOf({ dims, values }: Features, { maps, vectors, shares }: Factorization): number {
  const [images, channels, h, w] = dims;
  const cells = h * w;
  let [left, all] = [0, 0];
  for (let n = 0; n < images; n++)
    for (let k = 0; k < channels; k++)
      for (let i = 0; i < cells; i++) {
        const v = values[(n * channels + k) * cells + i] as number;
        const model = shares.reduce(
          (sum, _, c) =>
            sum +
            (maps[(n * shares.length + c) * cells + i] as number) * (vectors[c * channels + k] as number),
          0,
        );
        left += (v - model) ** 2;
        all += v ** 2;
      }
  return Math.sqrt(left / all);
}

describe("factorize", () => {
  it.each(Object.entries(recorded.errors as Record<string, number>))(
    "%s concepts leave as little as scikit-learn's best of 21 starts, within 3 %%, whatever the seed",
    async (components, best) => {
      for (let seed = 0; seed < 10; seed++) {
        const found = await factorize(FEATURES, { components: Number(components), seed });
        expect(found.error).toBeLessThan(1.03 * best);
        expect(found.error).toBeGreaterThan(best - 1e-4);
        expect(errorOf(FEATURES, found)).toBeCloseTo(found.error, 5);
      }
    },
  );

  it("never makes the error larger, and gives non-negative numbers of unit vectors in order", async () => {
    const sizes = fc.record({
      images: fc.integer({ min: 1, max: 3 }),
      channels: fc.integer({ min: 1, max: 6 }),
      rows: fc.integer({ min: 1, max: 4 }),
      columns: fc.integer({ min: 1, max: 4 }),
      seed: fc.integer({ min: 0, max: 1000 }),
      sparse: fc.double({ min: 0, max: 0.9, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 6 }),
        async ({ images, channels, rows, columns, seed, sparse }, wanted) => {
          const dims = [images, channels, rows, columns] as const;
          const random = randomStream(seed);
          const values = Float32Array.from({ length: images * channels * rows * columns }, () =>
            random.uniform(0, 1) < sparse ? 0 : random.uniform(0, 3),
          );
          values[0] = 1;
          const components = Math.min(wanted, channels, images * rows * columns);
          const found = await factorize({ dims, values }, { components, seed });
          const all = values.reduce((sum, v) => sum + v * v, 0);
          for (const [i, loss] of found.losses.entries())
            expect(loss).toBeLessThanOrEqual((found.losses[i - 1] ?? all) + 1e-9 * all);
          expect([...found.maps, ...found.vectors].every((v) => v >= 0 && Number.isFinite(v))).toBe(true);
          for (let c = 0; c < components; c++) {
            const vector = found.vectors.subarray(c * channels, (c + 1) * channels);
            const length = Math.hypot(...vector);
            expect(length === 0 || Math.abs(length - 1) < 1e-5).toBe(true);
          }
          expect(found.shares).toEqual([...found.shares].sort((a, b) => b - a));
          // ⟨V, WH⟩ = |WH|² where each row of H is at its best, so that shares sum to what is explained
          const explained = found.shares.reduce((a, v) => a + v, 0);
          expect(explained).toBeCloseTo(1 - found.error ** 2, 2);
        },
      ),
      { seed: 11, numRuns: 150 },
    );
  });

  it("finds planted concepts that do not overlap: their vectors, their places and their strengths", async () => {
    const planted = [
      [3, 0, 0, 4, 0, 0, 0],
      [0, 1, 0, 0, 2, 0, 0],
      [0, 0, 5, 0, 0, 0, 12],
    ];
    const [images, cells] = [2, 6];
    const where = (n: number, i: number) => (n * cells + i) % 3;
    const strength = (n: number, i: number) => 1 + ((n + i) % 4);
    const values = new Float32Array(images * 7 * cells);
    for (let n = 0; n < images; n++)
      for (let k = 0; k < 7; k++)
        for (let i = 0; i < cells; i++)
          values[(n * 7 + k) * cells + i] = strength(n, i) * (planted[where(n, i)]?.[k] as number);
    const found = await factorize({ dims: [images, 7, 2, 3], values }, { components: 3, seed: 4 });
    expect(found.error).toBeLessThan(1e-5);
    const lengths = planted.map((vector) => Math.hypot(...vector));
    const order = [0, 1, 2].map((c) =>
      planted.findIndex((vector) =>
        vector.every((v, k) => v === 0 || (found.vectors[c * 7 + k] as number) > 0.1),
      ),
    );
    expect([...order].sort()).toEqual([0, 1, 2]);
    for (const [c, p] of order.entries()) {
      for (let k = 0; k < 7; k++)
        expect(found.vectors[c * 7 + k]).toBeCloseTo((planted[p]?.[k] as number) / (lengths[p] as number), 5);
      for (let n = 0; n < images; n++)
        for (let i = 0; i < cells; i++)
          expect(found.maps[(n * 3 + c) * cells + i]).toBeCloseTo(
            where(n, i) === p ? strength(n, i) * (lengths[p] as number) : 0,
            3,
          );
    }
  });

  it("gives the same answer for the same seed, and another start for another", async () => {
    const [a, b, c] = await Promise.all(
      [5, 5, 6].map((seed) => factorize(FEATURES, { components: 4, seed })),
    );
    expect(b).toEqual(a);
    expect(c?.losses[0]).not.toBe(a?.losses[0]);
  });

  it("stays finite with more concepts than there are causes", async () => {
    const values = Float32Array.from({ length: 3 * 4 }, (_, i) => 1 + Math.floor(i / 4));
    const found = await factorize({ dims: [1, 3, 2, 2], values }, { components: 3 });
    expect(found.error).toBeLessThan(1e-5);
    expect([...found.maps, ...found.vectors].every(Number.isFinite)).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, 21])("refuses %s concepts of 20 channels", async (components) => {
    await expect(factorize(FEATURES, { components })).rejects.toMatchObject({
      code: "bad-components",
      message: `--components: expected 1 to 20, got ${components}: the layer has 20 channels. Write --components 5.`,
    });
  });

  it("refuses more concepts than positions, and features that are nowhere above zero", async () => {
    const tiny: Features = { dims: [1, 8, 1, 2], values: new Float32Array(16).fill(1) };
    await expect(factorize(tiny, { components: 3 })).rejects.toMatchObject({
      code: "bad-components",
      message: expect.stringContaining("the layer has 2 positions of all images"),
    });
    const dead = { ...tiny, values: new Float32Array(16) };
    await expect(factorize(dead, { components: 1 })).rejects.toMatchObject({ code: "no-features" });
  });

  it("ends with the signal's reason", async () => {
    const abort = new AbortController();
    const work = factorize(FEATURES, {
      components: 5,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(work).rejects.toMatchObject({ name: "AbortError" });
  });
});
