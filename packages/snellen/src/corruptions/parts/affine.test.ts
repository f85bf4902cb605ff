// SciPy's maps are compared in geometric/*.test.ts; here are maps whose pictures are known exactly.
import { describe, it } from "vitest";
import { expectSameBytes, noisePicture } from "../test-support/pictures.ts";
import { sampleAffine } from "./affine.ts";

const same = { xx: 1, xy: 0, yx: 0, yy: 1 };

/** `value` at every place and channel. */
const picture = (width: number, height: number, value: (x: number, y: number, c: number) => number) => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    value(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3),
  ),
});

describe.each([
  [32, 32],
  [33, 47],
  [40, 33],
])("%i × %i", (width, height) => {
  const clean = noisePicture(width, height);
  const at = (x: number, y: number, c: number) => clean.data[3 * (y * width + x) + c]!;

  it("stays under the identity", () => expectSameBytes(sampleAffine(clean, same), clean.data));

  it("is mirrored and turned upside down exactly", () => {
    const turned = picture(width, height, (x, y, c) => at(width - 1 - x, height - 1 - y, c));
    expectSameBytes(sampleAffine(clean, { xx: -1, xy: 0, yx: 0, yy: -1 }), turned.data);
  });

  it("repeats as its mirror image outside, as numpy.pad(mode='symmetric')", () => {
    const mirror = (k: number, n: number) => {
      const folded = ((k % (2 * n)) + 2 * n) % (2 * n);
      return folded < n ? folded : 2 * n - 1 - folded;
    };
    for (const [dx, dy] of [
      [5, -3],
      [-width, 0],
      [3 * width + 2, -2 * height - 7],
    ] as const) {
      const expected = picture(width, height, (x, y, c) =>
        at(mirror(x + dx, width), mirror(y + dy, height), c),
      );
      expectSameBytes(sampleAffine(clean, { ...same, dx, dy }), expected.data);
    }
  });

  it("averages two neighbours half a pixel apart, halves up", () => {
    const expected = picture(width, height, (x, y, c) =>
      Math.floor((at(x, y, c) + at(Math.min(width - 1, x + 1), y, c) + 1) / 2),
    );
    expectSameBytes(sampleAffine(clean, { ...same, dx: 0.5 }), expected.data);
  });
});

it("keeps ramps straight", () => {
  const ramp = picture(51, 51, (x, y, c) => [4 * x + 10, 4 * y + 10, 2 * x + 2 * y + 10][c]!);
  const map = { xx: 0.7, xy: 0.2, yx: -0.3, yy: 0.5 };
  const expected = picture(51, 51, (x, y, c) => {
    const [u, v] = [25 + 0.7 * (x - 25) + 0.2 * (y - 25), 25 - 0.3 * (x - 25) + 0.5 * (y - 25)];
    return Math.floor([4 * u + 10, 4 * v + 10, 2 * u + 2 * v + 10][c]! + 0.5 + 1e-6);
  });
  expectSameBytes(sampleAffine(ramp, map), expected.data);
});
