// Oracle: pictures and statistics of the `imagecorruptions` package; the rest by hand.
import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { glassBlur } from "./glass-blur.ts";

equalsReference(glassBlur, ({ array }) => Int8Array.from(array("deltas")));
matchesDistribution(glassBlur);
takesPicturesOfAnySize(glassBlur);

const picture = noisePicture(40, 36);

it.each(glassBlur.levels)("draws offsets below the reach, as many as there are copies: %j", (level) => {
  const { reach, passes } = level;
  const offsets = glassBlur.draw!(randomStream(3), picture, level);
  expect(offsets.length).toBe(2 * passes * (40 - 2 * reach) * (36 - 2 * reach));
  const expected = Array.from({ length: 2 * reach }, (_, i) => i - reach);
  expect([...new Set(offsets)].sort((a, b) => a - b)).toEqual(expected);
  for (const offset of expected) {
    const share = offsets.filter((value) => value === offset).length / offsets.length;
    const p = 1 / (2 * reach);
    expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / offsets.length));
  }
});

/** A blur so narrow that only the copies are seen. */
const copiesOnly = { sigma: 0.05, reach: 2, passes: 1 };

it("copies one way: what was read stays where it was", () => {
  const offsets = new Int8Array(2 * 36 * 32);
  // the first copy is of the pixel two to the left, to row 34, column 38; all others copy themselves
  offsets[0] = -2;
  const made = glassBlur.apply(picture, copiesOnly, offsets);
  const at = (x: number, y: number) => 3 * (y * 40 + x);
  const expected = picture.data.slice();
  expected.set(picture.data.subarray(at(36, 34), at(36, 34) + 3), at(38, 34));
  expect(made).toEqual(expected);
});

it("leaves the first reach + 1 and the last reach - 1 rows and columns", () => {
  const made = glassBlur.apply(picture, copiesOnly, new Int8Array(2 * 36 * 32).fill(-1));
  const same = (x: number, y: number) => {
    const at = 3 * (y * 40 + x);
    return made[at] === picture.data[at];
  };
  const columns = Array.from({ length: 40 }, (_, x) => x).filter((x) => !same(x, 20));
  const rows = Array.from({ length: 36 }, (_, y) => y).filter((y) => !same(20, y));
  expect([columns.length > 30, Math.min(...columns) >= 3, Math.max(...columns)]).toEqual([true, true, 38]);
  expect([rows.length > 26, Math.min(...rows) >= 3, Math.max(...rows)]).toEqual([true, true, 34]);
});
