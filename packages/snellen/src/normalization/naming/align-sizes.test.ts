// Oracle: all ways of pairing entries of equal size in order, tried one by one.
import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { alignSizes } from "./align-sizes.ts";

/** Every way to pair entries of a with entries of b in order: for each of a an index or -1. */
function ways(a: readonly number[], b: readonly number[], from = 0): number[][] {
  const [first, ...rest] = a;
  if (first === undefined) return [[]];
  const left = ways(rest, b, from).map((way) => [-1, ...way]);
  const paired = b.flatMap((size, j) =>
    j >= from && size === first ? ways(rest, b, j + 1).map((way) => [j, ...way]) : [],
  );
  return [...left, ...paired];
}

it("pairs as many as can be, and tells what is certain", () => {
  const random = randomStream(4, 0);
  for (let trial = 0; trial < 300; trial++) {
    const list = (length: number) => Array.from({ length }, () => random.integer(1, 3));
    const [a, b] = [list(random.integer(0, 5)), list(random.integer(0, 6))];
    const all = ways(a, b);
    const pairs = (way: readonly number[]) => way.filter((j) => j >= 0).length;
    const best = all.filter((way) => pairs(way) === Math.max(...all.map(pairs)));
    const found = alignSizes(a, b);
    expect(best).toContainEqual(found.map(({ index = -1 }) => index));
    found.forEach(({ isOnly }, i) => {
      expect(isOnly, `${a} | ${b} at ${i}`).toBe(new Set(best.map((way) => way[i])).size === 1);
    });
  }
});
