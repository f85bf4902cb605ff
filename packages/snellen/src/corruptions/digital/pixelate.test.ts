// Oracles: pictures of the `imagecorruptions` package; single rows resized by Pillow.
import { expect, it } from "vitest";
import { takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference } from "../test-support/reference.ts";
import { boxRanges, nearestSources, pixelate } from "./pixelate.ts";

equalsReference(pixelate);
takesPicturesOfAnySize(pixelate);

const means = (from: number, size: number): number[] => {
  const { starts, ends } = boxRanges(from, size);
  return Array.from(starts, (start, k) => {
    const samples = Array.from({ length: ends[k]! - start }, (_, i) => ((start + i) * 37) % 256);
    return Math.floor(samples.reduce((a, b) => a + b) / samples.length + 0.5);
  });
};

// i * 37 % 256, resized with Image.BOX
it("is over whole samples, as Pillow's", () =>
  expect(means(33, 19)).toEqual([
    19, 74, 130, 204, 22, 77, 133, 207, 25, 80, 136, 210, 28, 83, 139, 213, 31, 86, 142,
  ]));

it("leaves out a sample on the border of two boxes where Pillow's rounding does", () => {
  expect(means(34, 20)).toEqual([
    19, 74, 130, 204, 3, 77, 133, 207, 6, 62, 136, 191, 119, 65, 120, 176, 122, 68, 123, 179,
  ]);
  const { starts, ends } = boxRanges(34, 20);
  expect([ends[4], starts[5]]).toEqual([8, 9]);
});

it("sums up the position of the nearest sample, so that ties fall below", () => {
  const sources = nearestSources(64, 160);
  expect([...sources.subarray(0, 12)]).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4]);
  const multiplied = Array.from(sources, (_, i) => Math.trunc(((i + 0.5) * 64) / 160));
  // where Pillow differs from the plain formula
  expect(multiplied.flatMap((source, i) => (source === sources[i] ? [] : [i]))).toEqual([
    7,
    ...Array.from({ length: 22 }, (_, i) => 52 + 5 * i),
  ]);
});
