// Oracle: `cv2.distanceTransform(picture, DIST_L2, 5)` of OpenCV 5.
import { expect, it } from "vitest";
import { chamferDistance, PIXEL } from "./distance.ts";

it("is OpenCV's from two marks", () => {
  const data = new Int32Array(63);
  data[2 * 9 + 3] = 1;
  data[6 * 9 + 8] = 1;
  const made = chamferDistance({ width: 9, height: 7, data }).data;
  // biome-ignore format: one row a line
  const expected = [
    3.5969, 2.8, 2.1969, 2, 2.1969, 2.8, 3.5969, 4.3938, 5.3938,
    3.1969, 2.1969, 1.4, 1, 1.4, 2.1969, 3.1969, 4.1969, 5,
    3, 2, 1, 0, 1, 2, 3, 4, 4,
    3.1969, 2.1969, 1.4, 1, 1.4, 2.1969, 3.1969, 3.1969, 3,
    3.5969, 2.8, 2.1969, 2, 2.1969, 2.8, 2.8, 2.1969, 2,
    4.2, 3.5969, 3.1969, 3, 3.1969, 3.1969, 2.1969, 1.4, 1,
    4.9969, 4.3938, 4.1969, 4, 4, 3, 2, 1, 0,
  ];
  for (const [i, value] of expected.entries()) expect(Math.abs(made[i]! / PIXEL - value)).toBeLessThan(1e-4);
});

it("is far from everything where nothing is marked", () =>
  expect(
    Math.min(...chamferDistance({ width: 9, height: 7, data: new Int32Array(63) }).data),
  ).toBeGreaterThan(1000 * PIXEL));
