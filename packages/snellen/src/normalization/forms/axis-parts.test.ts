// Oracle: every element's index in both shapes, by counting.
import { expect, it } from "vitest";
import { axisParts } from "./axis-parts.ts";

const indexOf = (element: number, dims: readonly number[]): number[] =>
  dims.map((d, axis) => Math.floor(element / dims.slice(axis + 1).reduce((a, b) => a * b, 1)) % d);

it.each([
  [[2, 8, 5, 5], [2, 2, 100], [2]],
  [
    [2, 5, 5, 8],
    [2, 5, 5, 2, 4],
    [1, 2, 4],
  ],
  [
    [3, 8, 4, 4],
    [3, 2, 4, 4, 4],
    [2, 3, 4],
  ],
  [[3, 8, 4, 4], [6, 64], [1]],
  [[2, 1, 6], [2, 2, 3], [2]],
  [[2, 6, 1, 1], [2, 3, 1, 2, 1], [3]],
  [[2, 6, 4], [2, 6, 4], [2]],
])("%j as %j: which elements share statistics over %j", (outer, inner, axes) => {
  const parts = axisParts(outer, inner, axes)!;
  const count = outer.reduce((a, b) => a * b, 1);
  expect(parts.reduce((n, p) => n * p.size, 1)).toBe(count);
  // parts of one outer axis, major to minor, are the digits of the index along it
  const keyByParts = (element: number): string => {
    const at = indexOf(
      element,
      parts.map((p) => p.size),
    );
    return parts.map((p, i) => (p.isReduced ? "" : at[i])).join();
  };
  const keyByInner = (element: number): string =>
    indexOf(element, inner)
      .map((i, axis) => (axes.includes(axis) ? "" : i))
      .join();
  const pairs = new Set(Array.from({ length: count }, (_, e) => `${keyByParts(e)}|${keyByInner(e)}`));
  expect(pairs.size).toBe(new Set([...pairs].map((p) => p.split("|")[0])).size);
  expect(pairs.size).toBe(new Set([...pairs].map((p) => p.split("|")[1])).size);
  for (const [axis, d] of outer.entries())
    expect(parts.filter((p) => p.outer === axis).reduce((n, p) => n * p.size, 1)).toBe(d);
});

it("refuses shapes whose axes begin inside each other's factors", () => {
  expect(axisParts([2, 6, 4], [2, 4, 6], [2])).toBeUndefined();
});
