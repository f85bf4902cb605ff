// Oracle: `cv2.filter2D` of OpenCV 5.
import { expect, it } from "vitest";
import { boxSums, correlate3 } from "./grid.ts";

const grid = { width: 3, height: 3, data: Int32Array.of(10, 10, 12, 12, 12, 200, 250, 3, 3) };

it("correlates, mirrored about the outermost values", () =>
  expect([...correlate3(grid, [-2, -1, 0, -1, 1, 1, 0, 1, 2]).data]).toEqual([
    10, 388, 12, 238, 179, 177, 250, 132, 3,
  ]));

it("sums up neighbourhoods", () => expect(boxSums(grid).data[4]).toBe(grid.data.reduce((a, b) => a + b)));

it("sums up beyond the border as a kernel of ones does", () =>
  expect([...boxSums(grid).data]).toEqual([...correlate3(grid, [1, 1, 1, 1, 1, 1, 1, 1, 1]).data]));
