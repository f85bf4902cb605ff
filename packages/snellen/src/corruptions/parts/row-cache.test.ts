import { expect, it } from "vitest";
import { rowCache } from "./row-cache.ts";

it("computes a row once while it is in the window, and again after it was pushed out", () => {
  const made: number[] = [];
  const rows = rowCache(
    3,
    () => new Int32Array(1),
    (y, into) => {
      made.push(y);
      into[0] = 10 * y;
    },
  );
  for (let y = 1; y < 6; y++) for (const near of [y - 1, y, y + 1]) expect(rows(near)[0]).toBe(10 * near);
  expect(made).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(rows(0)[0]).toBe(0);
  expect(made.at(-1)).toBe(0);
});
