import { expect, it } from "vitest";
import { blend } from "./blend.ts";

// NumPy: np.float32(a) + np.float32(t) * np.float32(b - a), clipped, astype(uint8)
it.each([
  [0, 200, 0.65, 130],
  [0, 200, 0.35, 70],
  [100, 50, 0.3, 85],
  [100, 50, 0.7, 65],
  [128, 130, 2.5, 133],
  [128, 120, 2.5, 108],
  [10, 10, 17, 10],
  [3, 251, 1, 251],
  [3, 251, 0, 3],
  [128, 0, 1.2, 0],
  [128, 255, 3, 255],
])("from %i to %i by %f is %i", (from, to, amount, expected) => {
  expect(blend(from, to, amount)).toBe(expected);
});
