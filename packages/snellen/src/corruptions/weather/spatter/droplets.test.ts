// Oracle: `cv2.equalizeHist` of OpenCV 5.
import { expect, it } from "vitest";
import { equalised } from "./droplets.ts";

it("spreads levels as OpenCV", () => {
  const grid = { width: 3, height: 3, data: Int32Array.of(10, 10, 12, 12, 12, 200, 250, 3, 3) };
  expect([...equalised(grid).data]).toEqual([73, 73, 182, 182, 182, 219, 255, 0, 0]);
});

it("leaves a single level", () =>
  expect([...equalised({ width: 2, height: 1, data: Int32Array.of(20, 20) }).data]).toEqual([20, 20]));
