// What must hold of a picture that is worked on in stripes: they do not show, and edges are repeated.
import { describe, expect, it } from "vitest";
import { expectSameBytes, noisePicture, plainPicture } from "../../test-support/pictures.ts";
import { throughJpeg } from "./stripes.ts";
import { quantisationTables } from "./tables.ts";

const finest = quantisationTables(100);

const largestDifference = (made: Uint8Array, expected: Uint8Array): number =>
  made.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);

describe.each([
  [32, 32],
  [33, 47],
  [46, 33],
  [47, 34],
])("%i × %i", (width, height) => {
  it("keeps greys grey", () => {
    const grey = noisePicture(width, height);
    for (let i = 0; i < grey.data.length; i += 3) grey.data.fill(grey.data[i]!, i, i + 3);
    expect(largestDifference(throughJpeg(grey, finest), grey.data)).toBeLessThanOrEqual(1);
  });

  it("keeps one colour to a rounding", () => {
    const plain = plainPicture(width, height, [200, 40, 90]);
    expect(largestDifference(throughJpeg(plain, finest), plain.data)).toBeLessThanOrEqual(2);
  });

  it("keeps slow changes of colour, whatever the row", () => {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return [20 + 3 * y, 200 - 2 * y - x, 60 + 2 * x][i % 3]!;
    });
    expect(largestDifference(throughJpeg({ width, height, data }, finest), data)).toBeLessThanOrEqual(5);
  });

  it("does the same to rows whatever stripes are above and below, but for one row at the border", () => {
    const tables = quantisationTables(25);
    const { data } = noisePicture(width, height);
    const row = width * 3;
    const made = throughJpeg({ width, height, data }, tables);
    const below = throughJpeg({ width, height: height - 16, data: data.subarray(16 * row) }, tables);
    expectSameBytes(made.subarray(17 * row), below.subarray(row));
    const above = throughJpeg({ width, height: 16, data: data.subarray(0, 16 * row) }, tables);
    expectSameBytes(made.subarray(0, 15 * row), above.subarray(0, 15 * row));
  });
});

it.each([
  [8192, 32],
  [32, 8192],
])("takes %i × %i pixels", (width, height) => {
  const grey = plainPicture(width, height, [77, 77, 77]);
  expectSameBytes(throughJpeg(grey, finest), grey.data);
});
