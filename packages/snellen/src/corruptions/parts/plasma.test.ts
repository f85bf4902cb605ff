// Oracle: diamond-square as the `imagecorruptions` package computes it, on recorded uniform numbers and by hand.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { readArray, referenceFolders } from "../test-support/reference.ts";
import { plasma } from "./plasma.ts";

const from = (uniforms: ArrayLike<number>) => {
  let next = 0;
  return () => uniforms[next++]!;
};

const recorded = referenceFolders
  .map((folder) => join(folder, "draws"))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder).flatMap((file) => {
      const [, size, decay] = /^plasma_n(\d+)_decay([\d.]+)__u\.npy$/.exec(file) ?? [];
      return decay === undefined
        ? []
        : [{ at: join(folder, file), size: Number(size), decay: Number(decay) }];
    }),
  );

describe.runIf(recorded.length > 0)("on recorded numbers", () => {
  it.each(recorded)("of size $size and decay $decay", ({ at, size, decay }) => {
    const map = plasma(size, decay, readArray(at));
    const expected = readArray(at.replace("__u", "__map"));
    const off = map.map((value, i) => Math.abs(value - expected[i]!));
    expect(map).toHaveLength(size * size);
    expect(Math.max(...off)).toBeLessThan(1e-5); // single precision, on sums of ten levels
  });
});

it("is what a hand computes of four points", () => {
  // centre 0 + 10⁴, upper middle (2 · 10⁴) / 4 + 0, left middle (2 · 10⁴) / 4 − 10⁴; then scaled from [−5000, 10 000]
  const map = plasma(2, 2, Float32Array.of(1, 0.5, 0));
  for (const [i, expected] of [1 / 3, 2 / 3, 0, 1].entries()) expect(map[i]).toBeCloseTo(expected, 6);
});

it("equals the definition, point by point", () => {
  const size = 16;
  const uniforms = randomStream(4).uniforms(size * size - 1);
  const expected = byDefinition(size, 1.7, from(uniforms));
  const map = plasma(size, 1.7, uniforms);
  for (const [i, value] of expected.entries()) expect(Math.abs(map[i]! - value)).toBeLessThan(1e-6);
});

/** Fournier, Fussell & Carpenter's recursion with indices modulo the size, in double precision. */
function byDefinition(size: number, decay: number, uniform: () => number): number[] {
  const map = new Array<number>(size * size).fill(0);
  const index = (y: number, x: number) => ((y + size) % size) * size + ((x + size) % size);
  for (let step = size, amplitude = 100; step > 1; step /= 2, amplitude /= decay) {
    const half = step / 2;
    const corners = Array.from({ length: size / step }, (_, i) => i * step);
    const set = (y: number, x: number, neighbours: readonly (readonly [number, number])[]) => {
      const mean = neighbours.reduce((sum, [v, u]) => sum + map[index(v, u)]!, 0) / 4;
      map[index(y, x)] = mean + amplitude * amplitude * (2 * uniform() - 1);
    };
    const all = (visit: (y: number, x: number) => void) =>
      corners.forEach((y) => {
        corners.forEach((x) => {
          visit(y, x);
        });
      });
    const around = (y: number, x: number) =>
      [[y - half, x], [y + half, x], [y, x - half], [y, x + half]] as const; // biome-ignore format: one line
    all((y, x) => set(y + half, x + half, [[y, x], [y + step, x], [y, x + step], [y + step, x + step]])); // biome-ignore format: one line
    all((y, x) => set(y, x + half, around(y, x + half)));
    all((y, x) => set(y + half, x, around(y + half, x)));
  }
  const [least, most] = [Math.min(...map), Math.max(...map)];
  return map.map((value) => (value - least) / (most - least));
}
