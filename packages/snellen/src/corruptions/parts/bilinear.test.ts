// Oracle: SciPy's `map_coordinates(order=1, mode="reflect")`.
import { expect, it } from "vitest";
import { noisePicture } from "../test-support/pictures.ts";
import { displace } from "./bilinear.ts";

const grey = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4].map((v) => 10 * v);
const picture = { width: 5, height: 4, data: Uint8Array.from(grey.flatMap((v) => [v, v, v])) };
const all = (pixels: number, value: number) => new Float32Array(pixels).fill(value);

it("samples between pixels, mirrored at the border, cut off to bytes", () => {
  const made = displace(picture, all(20, -0.7), all(20, 0.3)).filter((_, i) => i % 3 === 0);
  // biome-ignore format: one row a line
  const expected = [
    48, 37.5, 22.9, 38.8, 28.6,
    78, 66, 47.3, 65.1, 53.6,
    44, 49.4, 65, 72.3, 73.6,
    30, 27, 23, 45, 68,
  ];
  // the shift is in single precision, so that whole numbers may fall below
  for (const [i, value] of expected.entries())
    expect(Math.abs(made[i]! + 0.5 - value)).toBeLessThanOrEqual(0.501);
});

it("moves by whole pixels exactly", () => {
  const { width, height, data } = noisePicture(37, 33);
  const made = displace({ width, height, data }, all(width * height, 2), all(width * height, -1));
  const at = (x: number, y: number, c: number) => 3 * (y * width + x) + c;
  for (let y = 1; y < height; y++)
    for (let x = 0; x < width - 2; x++) expect(made[at(x, y, 1)]).toBe(data[at(x + 2, y - 1, 1)]);
  expect(made[at(width - 1, 5, 0)]).toBe(data[at(width - 2, 4, 0)]);
  expect(made[at(width - 2, 5, 0)]).toBe(data[at(width - 1, 4, 0)]);
});
