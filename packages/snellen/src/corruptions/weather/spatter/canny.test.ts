// Oracle: `cv2.Canny(picture, 50, 150)` of OpenCV 5.
import { expect, it } from "vitest";
import { cannyEdges } from "./canny.ts";

it("finds OpenCV's edges of a square with a dent", () => {
  const data = new Int32Array(144);
  for (let y = 3; y < 9; y++) data.fill(200, 12 * y + 4, 12 * y + 10);
  data[5 * 12 + 5] = 90;
  const edges = cannyEdges({ width: 12, height: 12, data }, 50, 150);
  const rows = Array.from({ length: 12 }, (_, y) => edges.data.subarray(12 * y, 12 * y + 12).join(""));
  expect(rows).toEqual([
    "000000000000",
    "000000000000",
    "000001111000",
    "000010000100",
    "000100000100",
    "000100100100",
    "000101100100",
    "000100000100",
    "000011111100",
    "000000000000",
    "000000000000",
    "000000000000",
  ]);
});

it("keeps weak edges that hang together with a strong one, and only those", () => {
  const { width, height } = { width: 24, height: 12 };
  const step = (left: number) => (_: number, i: number) => (i % width < left ? 0 : 1);
  // steps of 30 have a gradient of 120: between the thresholds
  const weak = Int32Array.from({ length: width * height }, step(8)).map((v) => 30 * v);
  expect(cannyEdges({ width, height, data: weak }, 50, 150).data.some(Boolean)).toBe(false);
  const strengthened = weak.slice();
  for (let x = 8; x < width; x++) strengthened[x] = 60;
  const edges = cannyEdges({ width, height, data: strengthened }, 50, 150).data;
  for (let y = 4; y < height; y++) expect(edges[y * width + 7]! + edges[y * width + 8]!).toBe(1);
});
