// Oracle: the sum by its definition, for numbers of rows that fill bundles of four and that do not.
import { expect, it } from "vitest";
import { addRows, weightedRows } from "./weighted-rows.ts";

it.each([1, 3, 4, 5, 8, 11])("adds %i rows", (count) => {
  const length = 7;
  const values = Float64Array.from({ length: 40 }, (_, i) => Math.sin(i) + 2);
  const rows = weightedRows(values, count);
  for (let row = 0; row < count; row++) {
    rows.offsets[row] = 3 * row;
    rows.weights[row] = 1 / (row + 1);
  }
  const sums = new Float64Array(length).fill(10);
  addRows(sums, rows);
  for (let i = 0; i < length; i++) {
    let expected = 10;
    for (let row = 0; row < count; row++) expected += values[3 * row + i]! / (row + 1);
    expect(sums[i]).toBeCloseTo(expected, 12);
  }
});
