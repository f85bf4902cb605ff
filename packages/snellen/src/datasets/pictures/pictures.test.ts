// Oracles: counts by class, partition of the indices, pictures equal to those of the whole set.
import { describe, expect, it } from "vitest";
import { drawnSets } from "../drawn-sets.ts";
import { drawnRecipe } from "../drawn-values.ts";
import { fingerprint } from "./fingerprint.ts";
import { limitPictures } from "./limit-pictures.ts";
import { openRecipe } from "./open-recipe.ts";
import type { RecordRecipe } from "./record-pictures.ts";
import { sharedPictures } from "./shared-pictures.ts";
import { splitPictures } from "./split-pictures.ts";
import type { TrainingPictures } from "./training-pictures.ts";

/** Pictures of one grey pixel that is their index. */
function numbered(classes: readonly number[], labels = ["a", "b", "c"]): TrainingPictures {
  const recipe: RecordRecipe = {
    kind: "records",
    name: "numbers",
    labels,
    version: "1",
    shape: { height: 1, width: 1, channels: 1 },
    order: "pixels",
    parts: [Uint8Array.from(classes.keys())],
    recordBytes: 1,
    pixelOffset: 0,
    classes: Uint8Array.from(classes),
  };
  return openRecipe(recipe);
}
const indicesIn = (pictures: TrainingPictures) =>
  Promise.all(Array.from({ length: pictures.count }, async (_, i) => (await pictures.read(i)).data[0]!));
const countsOf = (pictures: TrainingPictures) => {
  const counts = pictures.labels.map(() => 0);
  for (let i = 0; i < pictures.count; i++) counts[pictures.classOf(i)]!++;
  return counts;
};
// 60 of a, 30 of b, 4 of c
const classes = Array.from({ length: 94 }, (_, i) => (i % 3 === 0 && i < 90 ? 1 : i < 90 ? 0 : 2));
const whole = numbered(classes);

describe("limitPictures", () => {
  it("takes as many of each class as there are, in order", async () => {
    expect(countsOf(whole)).toEqual([60, 30, 4]);
    expect(countsOf(limitPictures(whole, 12, 1))).toEqual([4, 4, 4]);
    expect(countsOf(limitPictures(whole, 34, 1))).toEqual([15, 15, 4]);
    expect(countsOf(limitPictures(whole, 70, 1))).toEqual([36, 30, 4]);
    expect(countsOf(limitPictures(whole, 2, 1)).reduce((a, b) => a + b)).toBe(2);
    const indices = await indicesIn(limitPictures(whole, 34, 1));
    expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
  });

  it("depends on the seed alone, and its version tells", async () => {
    const [one, again, other] = [1, 1, 2].map((seed) => limitPictures(whole, 20, seed)) as [
      TrainingPictures,
      TrainingPictures,
      TrainingPictures,
    ];
    expect(await indicesIn(one)).toEqual(await indicesIn(again));
    expect(await indicesIn(one)).not.toEqual(await indicesIn(other));
    expect(one.version).toBe(again.version);
    expect(new Set([one.version, other.version, whole.version]).size).toBe(3);
  });

  it("is the set itself where that is no larger, and refuses what is no number", () => {
    expect(limitPictures(whole, 94, 1)).toBe(whole);
    for (const count of [0, -1, 1.5, Number.NaN])
      expect(() => limitPictures(whole, count, 1)).toThrow(expect.objectContaining({ code: "bad-limit" }));
  });

  it("is opened again from its recipe, as a thread does", async () => {
    const some = limitPictures(limitPictures(whole, 40, 1), 15, 2);
    const opened = openRecipe(structuredClone(some.recipe));
    expect(await indicesIn(opened)).toEqual(await indicesIn(some));
    expect([opened.version, countsOf(opened)]).toEqual([some.version, countsOf(some)]);
  });
});

describe("sharedPictures", () => {
  const drawn = (text: string, id = 0) => openRecipe(drawnRecipe(drawnSets[id]!, text, "train"));

  it("counts what is in both, by seed and index, in parts of a set too", () => {
    expect(sharedPictures(drawn("count=50"), drawn("count=30,first=40"))).toBe(10);
    expect(sharedPictures(drawn("count=50"), drawn("count=30,first=50"))).toBe(0);
    expect(sharedPictures(drawn("count=50"), drawn("count=30,seed=1"))).toBe(0);
    expect(sharedPictures(drawn("count=50"), drawn("count=30", 1))).toBe(0);
    expect(sharedPictures(whole, limitPictures(whole, 20, 1))).toBe(20);
    const { train, test } = splitPictures(whole, 0.2, 5);
    expect(sharedPictures(train, test)).toBe(0);
    expect(sharedPictures(train, whole)).toBe(train.count);
  });

  it("tells files by their paths", () => {
    const files = (...paths: string[]) =>
      openRecipe(
        {
          kind: "files",
          name: "f",
          labels: ["a"],
          version: "1",
          paths,
          classes: new Uint32Array(paths.length),
        },
        async (source) => ({ width: 1, height: 1, data: new Uint8Array(3), source }),
      );
    expect(sharedPictures(files("/a/1.png", "/a/2.png"), files("/a/2.png", "/b/1.png"))).toBe(1);
  });
});

describe("splitPictures", () => {
  it("puts the share of each class aside, and loses none", async () => {
    const { train, test } = splitPictures(whole, 0.2, 5);
    expect([countsOf(train), countsOf(test)]).toEqual([
      [48, 24, 3],
      [12, 6, 1],
    ]);
    const all = [...(await indicesIn(train)), ...(await indicesIn(test))];
    expect(all.sort((a, b) => a - b)).toEqual([...classes.keys()]);
  });

  it("takes at least one and never all of a class, none of a class of one", () => {
    const few = numbered([0, 0, 1, 1, 1, 2]);
    expect(countsOf(splitPictures(few, 0.01, 1).test)).toEqual([1, 1, 0]);
    expect(countsOf(splitPictures(few, 0.99, 1).train)).toEqual([1, 1, 1]);
  });

  it.each([0, 1, -0.1, Number.NaN])("refuses the share %d", (share) =>
    expect(() => splitPictures(whole, share, 1)).toThrow(expect.objectContaining({ code: "bad-split" })),
  );
  it("refuses a set of which nothing can be put aside", () =>
    expect(() => splitPictures(numbered([0, 1, 2]), 0.5, 1)).toThrow("no class has two pictures"));
});

describe("drawn sets", () => {
  it.each(drawnSets)("$id draws on its own what the set draws, and knows classes beforehand", async (set) => {
    const pictures = openRecipe(drawnRecipe(set, "count=40,size=32,seed=7,first=100", "train"));
    expect(pictures).toMatchObject({ count: 40, shape: { height: 32, width: 32, channels: 3 } });
    for (const index of [0, 39]) {
      const { image, classIndex } = set.draw({ seed: 7, index: 100 + index, size: 32 });
      expect(await pictures.read(index)).toMatchObject(image);
      expect(pictures.classOf(index)).toBe(classIndex);
    }
    expect(countsOf(pictures)).toEqual(set.labels.map(() => 40 / set.labels.length));
  });

  it("have test pictures that no training reaches", () => {
    const [set] = drawnSets;
    const [train, test] = (["train", "test"] as const).map((split) =>
      drawnRecipe(set!, "count=1073741824", split),
    );
    expect(train!.first + train!.count).toBeLessThanOrEqual(test!.first);
    expect(openRecipe(test!).count).toBe(2 ** 30);
  });

  it.each([
    ["size=16", "size 16 is no whole number from 32"],
    ["count=0", "count 0"],
    ["count=1073741825", "count 1073741825"],
    ["seed=3000000000", "seed 3000000000"],
    ["cuont=5", 'Did you mean "count"?'],
    ["count=5;size=64", 'cannot read "count=5;size=64"'],
    ["count", 'cannot read "count"'],
    ["count=1e3", 'cannot read "count=1e3"'],
  ])("refuse %s", (text, message) => {
    const open = () => openRecipe(drawnRecipe(drawnSets[0]!, text, "train"));
    expect(open).toThrow(expect.objectContaining({ name: "UsageError", code: "bad-drawn-set" }));
    expect(open).toThrow(message);
  });
});

describe("fingerprint", () => {
  it("changes with every byte and with parts, not with where the bytes lie", () => {
    const bytes = Uint8Array.from({ length: 37 }, (_, i) => i);
    const prints = [...bytes.keys()].map((at) => fingerprint([bytes.map((b, i) => (i === at ? b + 1 : b))]));
    const all = [...prints, fingerprint([bytes]), fingerprint([bytes.subarray(0, 20), bytes.subarray(20)])];
    expect(new Set(all).size).toBe(39);
    const moved = new Uint8Array(41);
    moved.set(bytes, 3);
    expect(fingerprint([moved.subarray(3, 40)])).toBe(fingerprint([bytes]));
    expect(fingerprint([bytes])).toMatch(/^[0-9a-f]{16}$/);
  });
});
