import { expect, it } from "vitest";
import { luma } from "./luma.ts";

// Pillow 13: Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0))
it.each([
  [[255, 0, 0], 76],
  [[0, 255, 0], 150],
  [[0, 0, 255], 29],
  [[255, 255, 255], 255],
  [[1, 2, 3], 2],
  [[200, 40, 90], 94],
  [[7, 0, 3], 2],
] as const)("%j has %i", ([red, green, blue], expected) => {
  expect(luma(red, green, blue)).toBe(expected);
});
