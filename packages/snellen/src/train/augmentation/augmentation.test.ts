// Oracles: properties (identities, inverses, conservation) and shares within five standard deviations.
import { describe, expect, it } from "vitest";
import type { Pixels } from "../../corruptions/corruption.ts";
import { expectSameBytes, noisePicture, plainPicture } from "../../corruptions/test-support/pictures.ts";
import { type RandomStream, randomStream } from "../../random.ts";
import { shifted } from "./crop.ts";
import { mirrored } from "./flip.ts";
import { augmentationKinds, noAugmentation, parseAugmentation } from "./index.ts";
import { operations } from "./rand-augment-operations.ts";

const clean = noisePicture(17, 12);
const apply = (text: string, pixels: Pixels, ...key: number[]): Pixels =>
  parseAugmentation(text).apply(pixels, randomStream(...key));
const hex = ({ data }: Pick<Pixels, "data">): string => Buffer.from(data).toString("hex");
/** How often each picture comes out of `count` streams. */
function outcomes(text: string, pixels: Pixels, count: number): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const made = hex(apply(text, pixels, 9, i));
    found.set(made, (found.get(made) ?? 0) + 1);
  }
  return found;
}
/** Five standard deviations around the expected count. */
function expectShare(count: number | undefined, total: number, share: number): void {
  expect(Math.abs((count ?? 0) - share * total)).toBeLessThan(5 * Math.sqrt(total * share * (1 - share)));
}

const EXAMPLES: Readonly<Record<string, string>> = {
  crop: "crop=3:reflect",
  flip: "flip=1",
  "rand-augment": "rand-augment=3:20",
  cutout: "cutout=5",
  "random-erasing": "random-erasing=1",
  invert: "invert=1",
  "channel-shuffle": "channel-shuffle",
};

describe.each(augmentationKinds.map(({ id }) => id))("%s", (id) => {
  const text = EXAMPLES[id] ?? id;
  it("is decided by its stream, keeps the size and never writes to the picture", () => {
    const before = clean.data.slice();
    const made = Array.from({ length: 20 }, (_, i) => apply(text, clean, 1, i));
    for (const [i, picture] of made.entries()) {
      expect([picture.width, picture.height, picture.data.length]).toEqual([17, 12, 17 * 12 * 3]);
      expectSameBytes(apply(text, clean, 1, i).data, picture.data, "the same stream again");
    }
    expect(made.some((picture) => hex(picture) !== hex(clean))).toBe(true);
    expectSameBytes(clean.data, before, "the picture that was given");
  });
});

describe("crop", () => {
  it("of no pixels is the picture itself", () => expect(apply("crop=0", clean, 3)).toBe(clean));

  it("draws each of the places alike", () => {
    const found = outcomes("crop=1", clean, 4500);
    expect(found.size).toBe(9);
    for (const count of found.values()) expectShare(count, 4500, 1 / 9);
  });

  it("is black where nothing is left", () => {
    for (const [dx, dy] of [
      [17, 0],
      [0, -12],
      [400, 2],
    ] as const)
      expect(shifted(clean, dx, dy, "zero").data.every((byte) => byte === 0)).toBe(true);
  });
});

describe("flip", () => {
  it("twice is the picture", () => expectSameBytes(mirrored(mirrored(clean)).data, clean.data));
  it("leaves half of the pictures, or the share that is asked for", () => {
    expectShare(outcomes("flip", clean, 2000).get(hex(clean)), 2000, 0.5);
    expectShare(outcomes("flip=0.2", clean, 2000).get(hex(clean)), 2000, 0.8);
    expect(apply("flip=0", clean, 1)).toBe(clean);
  });
});

describe("cutout", () => {
  it("hides a square of the mean colour, cut off at the border, about any pixel", () => {
    const [side, draws] = [5, 400];
    const mean = [0, 1, 2].map((c) => Math.round(meanOf(clean.data, c))).join();
    let largest = 0;
    const centres = new Set<number>();
    for (let i = 0; i < draws; i++) {
      const { data } = apply(`cutout=${side}`, clean, 4, i);
      const changed = indicesOf(17 * 12, (p) =>
        [0, 1, 2].some((c) => data[3 * p + c] !== clean.data[3 * p + c]),
      );
      largest = Math.max(largest, changed.length);
      centres.add(changed[0]!);
      const colours = changed.map((p) => data.slice(3 * p, 3 * p + 3).join());
      expect(new Set(colours)).toEqual(new Set([mean]));
      expect(changed.length).toBeGreaterThanOrEqual(3 * 3 - 1);
    }
    // noise may equal the mean colour in a pixel, hardly in two
    expect(largest).toBeGreaterThanOrEqual(side * side - 1);
    expect(largest).toBeLessThanOrEqual(side * side);
    expect(centres.size).toBeGreaterThan(100);
  });
});

describe("random-erasing", () => {
  it("overwrites between 2 and 33 percent, of as many pictures as asked for", () => {
    const large = noisePicture(40, 40, 5);
    for (let i = 0; i < 200; i++) {
      const { data } = apply("random-erasing=1", large, 5, i);
      const changed = indicesOf(1600, (p) =>
        [0, 1, 2].some((c) => data[3 * p + c] !== large.data[3 * p + c]),
      );
      // sides are rounded: by half a pixel of at most 40
      expect(changed.length / 1600).toBeGreaterThan(0.012);
      expect(changed.length / 1600).toBeLessThan(0.36);
    }
    expectShare(outcomes("random-erasing", large, 500).get(hex(large)), 500, 0.5);
  });
});

describe("invert", () => {
  it("is its own inverse, for every other picture", () => {
    const negative = apply("invert=1", clean, 1);
    expectSameBytes(
      negative.data,
      clean.data.map((byte) => 255 - byte),
    );
    expectShare(outcomes("invert", clean, 2000).get(hex(negative)), 2000, 0.5);
  });
});

describe("channel-shuffle", () => {
  it("draws each order of the channels alike", () => {
    const found = outcomes("channel-shuffle", plainPicture(1, 1, [1, 2, 3]), 3000);
    expect([...found.keys()].sort()).toEqual(["010203", "010302", "020103", "020301", "030102", "030201"]);
    for (const count of found.values()) expectShare(count, 3000, 1 / 6);
  });
});

describe("rand-augment", () => {
  it("draws each of the fourteen operations alike, signed ones either way", () => {
    const signs = [-1, 1] as const;
    const shares = new Map<string, number>();
    for (const { apply: operate, isSigned } of operations) {
      for (const sign of isSigned ? signs : [1 as const]) {
        const made = hex({ data: operate(clean, 0.3, sign) });
        shares.set(made, (shares.get(made) ?? 0) + 1 / 14 / (isSigned ? 2 : 1));
      }
    }
    expect(operations.length).toBe(14);
    const found = outcomes("rand-augment=1:9", clean, 3000);
    expect([...found.keys()].filter((made) => !shares.has(made))).toEqual([]);
    for (const [made, share] of shares) expectShare(found.get(made), 3000, share);
  });

  it("moves by 150/331 of the sides and slants by 0.3 at most, about the centre", () => {
    const at = (id: string, pixels: Pixels, sign: -1 | 1) =>
      operations.find((operation) => operation.id === id)!.apply(pixels, 1, sign);
    const wide = noisePicture(331, 3);
    expectSameBytes(at("TranslateX", wide, -1), shiftedMirror(wide, 150, 0));
    const tall = noisePicture(3, 331);
    expectSameBytes(at("TranslateY", tall, 1), shiftedMirror(tall, 0, -150));
    // a white column in the middle: twenty rows from the centre it lies six columns aside
    const line = plainPicture(41, 41, [0, 0, 0]);
    for (let y = 0; y < 41; y++) line.data.fill(255, 3 * (41 * y + 20), 3 * (41 * y + 21));
    const slanted = at("ShearX", line, 1);
    const columns = [0, 20, 40].map((y) =>
      indicesOf(41, (x) => slanted[3 * (41 * y + x)]! > 127).map((x) => x - 20),
    );
    expect(columns.map((row) => row.length)).toEqual([1, 1, 1]);
    expect(columns[0]![0]).toBe(-columns[2]![0]!);
    expect([Math.abs(columns[0]![0]!), columns[1]![0]]).toEqual([6, 0]);
  });

  it("applies as many as asked for", () => {
    let calls = 0;
    const counting = (random: RandomStream): RandomStream => ({
      ...random,
      pick: (items) => {
        if ((items as readonly unknown[]).length === 14) calls++;
        return random.pick(items);
      },
    });
    parseAugmentation("rand-augment=5:9").apply(clean, counting(randomStream(1)));
    expect(calls).toBe(5);
  });
});

describe("parseAugmentation", () => {
  it("applies augmentations in their order, from one stream", () => {
    const stream = randomStream(8);
    const first = parseAugmentation("crop=2").apply(clean, stream);
    const both = parseAugmentation("flip=1").apply(first, stream);
    expectSameBytes(apply(" crop=2, FLIP=1 ", clean, 8).data, both.data);
    expect(parseAugmentation(" crop=2, FLIP=1 ").text).toBe("crop=2,flip=1");
  });

  it.each(["", "none", " , "])("reads %j as no augmentation", (text) =>
    expect(parseAugmentation(text)).toBe(noAugmentation),
  );

  it.each([
    ["flop", "unknown-augmentation", 'Did you mean "flip"?'],
    ["crop", "bad-augmentation", "none was given"],
    ["crop=-1", "bad-augmentation", 'got "-1"'],
    ["crop=1.5", "bad-augmentation", "a whole number"],
    ["crop=4:mirror", "bad-augmentation", 'unknown value "mirror"'],
    ["crop=4:zero:1", "bad-augmentation", '"1" is one value too many'],
    ["flip=2", "bad-augmentation", "from 0 to 1"],
    ["flip=", "bad-augmentation", 'got ""'],
    ["flip=0.5=1", "bad-augmentation", 'got "0.5=1"'],
    ["rand-augment=2:31", "bad-augmentation", "from 0 to 30"],
    ["rand-augment=0", "bad-augmentation", "from 1 to 16"],
    ["cutout=0x10", "bad-augmentation", 'got "0x10"'],
    ["channel-shuffle=1", "bad-augmentation", "one value too many"],
    ["crop=32", "bad-augmentation", "from 0 to 31"],
    ["cutout=33", "bad-augmentation", "from 0 to 32"],
  ])("refuses %s of a picture of 32 x 32", (text, code, message) => {
    const parse = () => parseAugmentation(text, 32);
    expect(parse).toThrow(expect.objectContaining({ name: "UsageError", code }));
    expect(parse).toThrow(message);
  });
});

const indicesOf = (count: number, holds: (index: number) => boolean): number[] =>
  Array.from({ length: count }, (_, i) => i).filter(holds);

const meanOf = (data: Uint8Array, channel: number): number =>
  data.reduce((sum, byte, i) => (i % 3 === channel ? sum + byte : sum), 0) / (data.length / 3);

/** The picture read at (x + dx, y + dy), continued by its mirror image with the border repeated, pixel by pixel. */
function shiftedMirror({ width, height, data }: Pixels, dx: number, dy: number): Uint8Array {
  const fold = (at: number, size: number) => (at < 0 ? -1 - at : at >= size ? 2 * size - 1 - at : at);
  return Uint8Array.from(data, (_, i) => {
    const [p, c] = [Math.floor(i / 3), i % 3];
    return data[3 * (fold(Math.floor(p / width) + dy, height) * width + fold((p % width) + dx, width)) + c]!;
  });
}
