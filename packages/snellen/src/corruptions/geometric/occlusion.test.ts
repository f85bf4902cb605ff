import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import type { Pixels } from "../corruption.ts";
import { expectSameBytes, noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { type OcclusionDraw, occlusion } from "./occlusion.ts";

takesPicturesOfAnySize(occlusion);

/** The box of the pixels that changed, and whether all in it have one colour. Noise has no pixel of the mean's colour. */
function hidden(clean: Pixels, share: number, draw: OcclusionDraw) {
  const { width, height } = clean;
  const made = occlusion.apply(clean, share, draw);
  const colour = [0, 1, 2].map((c) => {
    const values = clean.data.filter((_, i) => i % 3 === c);
    return Math.round(values.reduce((a, b) => a + b, 0) / values.length);
  });
  const covered: [number, number][] = [];
  for (let i = 0; i < made.length; i += 3) {
    if ([0, 1, 2].every((c) => made[i + c] === clean.data[i + c])) continue;
    expect([...made.subarray(i, i + 3)]).toEqual(colour);
    covered.push([(i / 3) % width, Math.floor(i / 3 / width)]);
  }
  const [xs, ys] = [covered.map(([x]) => x), covered.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const box = { left, top, width: right - left + 1, height: bottom - top + 1 };
  expect(covered.length, "no hole in the box").toBe(box.width * box.height);
  return { ...box, share: covered.length / (width * height) };
}

it.each([
  [120, 120],
  [97, 64],
])("covers its share of %i × %i pixels by a square", (width, height) => {
  for (const share of occlusion.levels) {
    const box = hidden(noisePicture(width, height), share, { x: 0.3, y: 0.8 });
    expect(Math.abs(box.width - box.height)).toBeLessThanOrEqual(1);
    // half a pixel of a side
    expect(Math.abs(box.share - share) * width * height).toBeLessThanOrEqual(box.width / 2);
  }
});

it("covers its share of a narrow picture by a rectangle", () => {
  const box = hidden(noisePicture(32, 300), 0.4, { x: 0.5, y: 0.5 });
  expect(box).toMatchObject({ left: 0, width: 32, height: 120 });
});

it("reaches every corner", () => {
  const clean = noisePicture(50, 40);
  const last = 1 - 2 ** -24;
  expect(hidden(clean, 0.2, { x: 0, y: 0 })).toMatchObject({ left: 0, top: 0, width: 20, height: 20 });
  expect(hidden(clean, 0.2, { x: last, y: last })).toMatchObject({ left: 30, top: 20 });
});

it("hides nothing, or everything", () => {
  const clean = noisePicture(50, 40);
  expectSameBytes(occlusion.apply(clean, 0, { x: 0.5, y: 0.5 }), clean.data);
  expect(hidden(clean, 1, { x: 0.5, y: 0.5 })).toMatchObject({ width: 50, height: 40 });
});

it("draws every place equally often", () => {
  const clean = noisePicture(32, 32);
  const counts = [0, 0, 0, 0];
  for (let seed = 0; seed < 1000; seed++) {
    const { x, y } = occlusion.draw!(randomStream(seed), clean, 0.1);
    counts[2 * Math.floor(2 * x) + Math.floor(2 * y)]!++;
  }
  // five standard deviations of a quarter
  for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(70);
});
