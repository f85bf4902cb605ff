// Oracle: the moments of the normal distribution.
import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { normals } from "./normals.ts";

it("has the moments 0, 1, 0, 3", () => {
  const normal = normals(randomStream(5));
  const draws = Array.from({ length: 100_000 }, normal);
  const moment = (k: number) => draws.reduce((s, v) => s + v ** k, 0) / draws.length;
  // Standard errors: 0.003, 0.0045, 0.012, 0.03; four of each.
  expect(Math.abs(moment(1))).toBeLessThan(0.013);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.018);
  expect(Math.abs(moment(3))).toBeLessThan(0.05);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.13);
});
