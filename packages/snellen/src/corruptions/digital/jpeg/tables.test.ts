// Oracle: the standard's tables at quality 50, and the tables in files that libjpeg wrote at 25 and 7.
import { expect, it } from "vitest";
import { quantisationTables } from "./tables.ts";

it.each([
  [50, [16, 11, 10, 16], [17, 18, 24, 47]],
  [25, [32, 22, 20, 32], [34, 36, 48, 94]],
  [7, [114, 79, 71, 114], [121, 129, 171, 255]],
])("quality %i", (quality, luminance, chrominance) => {
  const tables = quantisationTables(quality);
  expect([...tables.luminance.subarray(0, 4)]).toEqual(luminance);
  expect([...tables.chrominance.subarray(0, 4)]).toEqual(chrominance);
});

it("keeps steps between 1 and 255", () => {
  expect(new Set(quantisationTables(100).luminance)).toEqual(new Set([1]));
  expect(Math.max(...quantisationTables(1).chrominance)).toBe(255);
});
