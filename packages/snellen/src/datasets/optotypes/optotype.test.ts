// Oracles: equality of bytes, masks against boxes by scanning, contrast recomputed from the sRGB definition.
import { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { annotateOptotype, optotypeAnnotations, optotypeFiles } from "./annotations.ts";
import { makeOptotype, type Optotype, optotypeLimits, optotypes } from "./optotype.ts";
import { optotypeLabels } from "./sloan-letters.ts";
import { textureIds } from "./textures.ts";

const samples = [...optotypes({ seed: 7, count: 150 })];

/** Equality of everything, bytes included, without walking the arrays element by element. */
function expectSame(a: Optotype, b: Optotype): void {
  const plain = ({ image, mask, ...rest }: Optotype) => ({
    ...rest,
    pixels: Buffer.from(image.data).toString("base64"),
    mask: Buffer.from(mask).toString("base64"),
  });
  expect(plain(a)).toEqual(plain(b));
}

/** Relative luminance by the sRGB definition, without tables. */
function luminance({ image }: Optotype, pixel: number): number {
  const linear = (byte: number) =>
    byte <= 10.31475 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = [image.data[3 * pixel]!, image.data[3 * pixel + 1]!, image.data[3 * pixel + 2]!];
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function meanLuminance(sample: Optotype, belongs: (x: number, y: number, share: number) => boolean): number {
  let sum = 0;
  let count = 0;
  sample.mask.forEach((share, pixel) => {
    if (!belongs(pixel % sample.image.width, Math.floor(pixel / sample.image.width), share)) return;
    sum += luminance(sample, pixel);
    count++;
  });
  return sum / count;
}

describe("makeOptotype", () => {
  it("gives the same bytes for the same seed and index, in any order of calls", () => {
    for (const index of [149, 0, 41]) expectSame(makeOptotype({ seed: 7, index }), samples[index]!);
  });

  it("gives other scenes for another seed or index", () => {
    const scenes = [
      { seed: 7, index: 0 },
      { seed: 8, index: 0 },
      { seed: 7, index: 1 },
      { seed: 1, index: 7 },
      { seed: -7, index: 0 },
    ].map((key) => makeOptotype(key).placement.height);
    expect(new Set(scenes).size).toBe(scenes.length);
  });

  it("shows the same scene at another size", () => {
    const small = samples[5]!;
    const large = makeOptotype({ seed: 7, index: 5, size: 160 });
    expect(large.label).toBe(small.label);
    expect(large.texture).toBe(small.texture);
    expect(large.image).toMatchObject({ width: 160, height: 160 });
    expect(large.image.data).toHaveLength(3 * 160 * 160);
    expect(large.placement.rotation).toBe(small.placement.rotation);
    expect(large.placement.centerX / 160).toBeCloseTo(small.placement.centerX / 64, 9);
    expect(large.placement.height / 160).toBeCloseTo(small.placement.height / 64, 9);
  });

  it("has a box that is exactly the mask's extent, with the whole letter inside the image", () => {
    for (const { mask, box, image, placement } of samples) {
      const columns: number[] = [];
      const rows: number[] = [];
      mask.forEach((share, pixel) => {
        if (share === 0) return;
        columns.push(pixel % image.width);
        rows.push(Math.floor(pixel / image.width));
      });
      expect(box).toEqual({
        x: Math.min(...columns),
        y: Math.min(...rows),
        width: Math.max(...columns) - Math.min(...columns) + 1,
        height: Math.max(...rows) - Math.min(...rows) + 1,
      });
      // No letter is cut off at the image's border: a turned letter is never much narrower than it is high.
      expect(box.width).toBeGreaterThan(0.9 * placement.height);
      expect(box.height).toBeGreaterThan(0.9 * placement.height);
    }
  });

  it("keeps the contrast of letter against nearby background at its floor or above, and reports it", () => {
    for (const sample of samples) {
      const { box, placement } = sample;
      const stroke = Math.ceil(placement.height / 5);
      const near = (x: number, y: number) =>
        x >= box.x - stroke &&
        x < box.x + box.width + stroke &&
        y >= box.y - stroke &&
        y < box.y + box.height + stroke;
      const letter = meanLuminance(sample, (_x, _y, share) => share === 255);
      const ground = meanLuminance(sample, (x, y, share) => share === 0 && near(x, y));
      const contrast = Math.abs(letter - ground) / (letter + ground);
      expect(sample.contrast).toBeCloseTo(contrast, 5);
      expect(contrast).toBeGreaterThanOrEqual(optotypeLimits.contrast);
      expect(sample.polarity).toBe(letter < ground ? "dark" : "light");
    }
  });

  it("spreads sizes, turns, textures and polarities over their ranges", () => {
    const [lowest, highest] = optotypeLimits.heightShare;
    const shares = samples.map(({ placement, image }) => placement.height / image.height);
    const turns = samples.map(({ placement }) => placement.rotation);
    const within = (values: number[], low: number, high: number) => {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
      expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.95 * (high - low));
    };
    within(shares, lowest, highest);
    within(turns, -optotypeLimits.rotation, optotypeLimits.rotation);
    for (const id of textureIds)
      expect(samples.filter(({ texture }) => texture === id).length).toBeGreaterThan(15);
    for (const kind of ["dark", "light"]) {
      expect(samples.filter(({ polarity }) => polarity === kind).length).toBeGreaterThan(40);
    }
  });

  it("holds every letter once in each ten samples, in varying order", () => {
    const blocks = Array.from({ length: 15 }, (_, b) =>
      samples.slice(10 * b, 10 * b + 10).map((s) => s.label),
    );
    for (const block of blocks) expect([...block].sort()).toEqual([...optotypeLabels]);
    expect(new Set(blocks.map((block) => block.join(""))).size).toBe(15);
  });

  it.each([
    { seed: 0.5, index: 0 },
    { seed: 2 ** 32, index: 0 },
    { seed: 0, index: -1 },
    { seed: 0, index: 0, size: 31 },
    { seed: 0, index: 0, size: 64.5 },
  ])("refuses %o", (request) => {
    expect(() => makeOptotype(request)).toThrow(UsageError);
    expect(() => makeOptotype(request)).toThrow(/^optotypes: (seed|index|size) /);
  });
});

describe("optotypes", () => {
  it("starts where it is told to", () => {
    const some = [...optotypes({ seed: 7, start: 40, count: 3 })];
    expect(some).toHaveLength(3);
    some.forEach((sample, i) => {
      expectSame(sample, samples[40 + i]!);
    });
  });
});

describe("annotations", () => {
  it("lists class, box, files and how the image was drawn", () => {
    const sample = samples[12]!;
    const { file, mask } = optotypeFiles(sample);
    const annotations = optotypeAnnotations([annotateOptotype(sample, file, mask)]);
    expect(annotations.labels).toEqual(["C", "D", "H", "K", "N", "O", "R", "S", "V", "Z"]);
    expect(annotations.images).toHaveLength(1);
    expect(annotations.images[0]).toEqual({
      file: `images/${sample.label}/000012.png`,
      class: sample.label,
      classIndex: optotypeLabels.indexOf(sample.label),
      box: [sample.box.x, sample.box.y, sample.box.width, sample.box.height],
      mask: `masks/${sample.label}/000012.png`,
      contrast: expect.closeTo(sample.contrast, 4),
      rotation: expect.closeTo(sample.placement.rotation, 2),
      seed: 7,
      index: 12,
    });
  });
});
