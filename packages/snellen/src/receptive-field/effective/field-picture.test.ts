// Pictures of R. Oracle: the colour map's own ends, and places counted by hand.
import { describe, expect, it } from "vitest";
import { cividis, colorAt } from "../../images/color-maps.ts";
import type { Picture } from "../../images/overlay.ts";
import { cornerOf, fieldPicture, shares } from "./field-picture.ts";
import { loupePicture } from "./loupe-picture.ts";

const at = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe("fieldPicture", () => {
  it("enlarges each pixel to a square, dark for nothing and light for the largest", () => {
    const picture = fieldPicture(shares([0, 5, 2.5, 0, 0, 0]), [2, 3]);
    expect([picture.width, picture.height]).toEqual([480, 320]);
    expect(at(picture, 159, 159)).toEqual([...colorAt(cividis, 0)]);
    expect(at(picture, 160, 0)).toEqual([...colorAt(cividis, 1)]);
    expect(at(picture, 320, 159)).toEqual([...colorAt(cividis, 0.5)]);
  });

  it("draws ellipses where they are asked for and nowhere else", () => {
    const blank = new Float64Array(400 * 400);
    const plain = fieldPicture(blank, [400, 400]);
    const drawn = fieldPicture(blank, [400, 400], {
      ellipses: [{ centre: [200, 100], radii: [50, 20] }],
    });
    const changed = (x: number, y: number) => at(drawn, x, y).join() !== at(plain, x, y).join();
    expect([changed(120, 200), changed(80, 200), changed(100, 250), changed(100, 150)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([changed(100, 200), changed(150, 200), changed(100, 220)]).toEqual([false, false, false]);
  });

  it("draws no edge of a frame that lies outside, and stays whole with infinite or broken numbers", () => {
    const blank = new Float64Array(400 * 400);
    const drawn = fieldPicture(blank, [400, 400], {
      frames: [{ rows: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], columns: [-3, 99] }],
      ellipses: [{ centre: [200, 200], radii: [Number.POSITIVE_INFINITY, Number.NaN] }],
    });
    const dark = colorAt(cividis, 0).join();
    expect(at(drawn, 99, 1).join()).not.toBe(dark);
    expect([at(drawn, 50, 0).join(), at(drawn, 50, 399).join(), at(drawn, 0, 1).join()]).toEqual([
      dark,
      dark,
      dark,
    ]);
  });
});

describe("loupePicture", () => {
  it("shows a weak corner's checkerboard in colours of its own", () => {
    const [height, width] = [64, 64];
    const values = Float64Array.from({ length: height * width }, (_, i) =>
      i === 40 * width + 40 ? 100 : (Math.floor(i / width) + i) % 2,
    );
    const picture = loupePicture({ values, dims: [height, width], n: 1 }, ["R of a layer", "50 images"]);
    expect(picture.data.subarray(3 * 320 * picture.width).some((v) => v < 128)).toBe(true);
    const left = 320 + 12;
    expect(at(picture, left, 0)).toEqual([...colorAt(cividis, 0)]);
    expect(at(picture, left + 20, 0)).toEqual([...colorAt(cividis, 1)]);
    expect(at(picture, left, 20)).toEqual([...colorAt(cividis, 1)]);
  });
});

describe("cornerOf", () => {
  const sides = (height: number, width: number) =>
    cornerOf({ values: new Float64Array(height * width), dims: [height, width] }).dims;

  it("is a quarter of small inputs, at most 32 pixels a side, and the upper left", () => {
    expect([sides(24, 40), sides(224, 224), sides(3, 3)]).toEqual([
      [6, 6],
      [32, 32],
      [1, 1],
    ]);
    const values = Float64Array.from({ length: 8 * 10 }, (_, i) => i);
    expect([...cornerOf({ values, dims: [8, 10] }).values]).toEqual([0, 1, 10, 11]);
  });
});

describe("shares", () => {
  it("are of the largest; of nothing, nothing", () => {
    expect([...shares([1, 4])]).toEqual([0.25, 1]);
    expect([...shares([0, 0])]).toEqual([0, 0]);
  });
});
