// Oracle: the list of class names, and the texts themselves.
import { describe, expect, it } from "vitest";
import { describeModel } from "../../vision-model/describe.ts";
import { textModel } from "../../vision-model/test-support/text-model.ts";
import { bindTargets, type Target, targetKinds } from "./index.ts";
import { maskTarget } from "./mask.ts";
import type { BoundTarget } from "./target.ts";
import { DENSE } from "./test-support/finite-cells.ts";

const describeWith = (labels: string[]) =>
  describeModel(
    textModel(
      DENSE.replace("float[3,2,1,1] v", `float[${labels.length},2,1,1] v`).replace(
        "float[N,3,4,6] y",
        `float[N,${labels.length},4,6] y`,
      ),
    ),
    { labels },
  );

const info = describeWith([
  "box:1",
  "a vs b",
  "mask:x@y",
  "probability:3",
  "0,1",
  "cat",
  "a",
  "b",
  "cat vs dog",
  "output:y",
]);
const feedOf = (text: string) =>
  bindTargets(info, text).map((t) => [t.kind.id, ...t.feed({ source: "" }).map(([v]) => v)]);

describe("bindTargets", () => {
  it.each([
    ["box:1", [["class", 0]]],
    ["BOX:1", [["class", 0]]],
    ["a vs b", [["class", 1]]],
    ["mask:x@y", [["class", 2]]],
    ["probability:3", [["class", 3]]],
    ["0,1", [["class", 4]]],
    ["output:y", [["class", 9]]],
  ])("takes %s for the class of that name", (text, expected) => {
    expect(feedOf(text)).toEqual(expected);
  });

  it.each([
    ["mask:mask:x@y", [["mask", 2]]],
    ["box:mask:x@y@3", [["box", 2, 0, 3]]],
    ["region:box:1@0,0,4,6", [["region", 0, 1]]],
    ["probability:a vs b", [["probability", 1]]],
    ["cat vs a vs b", [["difference", 5, 1]]],
    ["a vs b vs cat", [["difference", 1, 5]]],
    ["cat vs dog vs cat", [["difference", 8, 5]]],
    ["cat vs a", [["difference", 5, 6]]],
    ["rank2 vs probability:3", [["difference", -2, 3]]],
    [
      "1,2",
      [
        ["class", 1],
        ["class", 2],
      ],
    ],
  ])("finds the classes of %s", (text, expected) => {
    expect(feedOf(text)).toEqual(expected);
  });

  it("refuses a difference of what is no class, naming it", () => {
    expect(() => feedOf("cat vs cow")).toThrow('no class is called "cow"');
    expect(() => feedOf("cow vs cat")).toThrow('no class is called "cow"');
  });
});

describe("targets asked for together", () => {
  const names = (...wanted: Target[]) => bindTargets(info, wanted).map(({ name }) => name);

  it("are one where their texts name the same", () => {
    expect(names("cat", 3, "3", "top2", "rank1", "cat")).toEqual(["cat", "3", "rank1", "rank2"]);
  });

  it("stay apart where they are not the same, under names of their own", () => {
    const grid = { width: 6, height: 4 };
    const [left, right] = [0, 3].map((from) =>
      maskTarget(info, "cat", {
        ...grid,
        mask: Uint8Array.from({ length: 24 }, (_, i) => Number(i % 6 >= from && i % 6 < from + 3)),
      }),
    ) as [BoundTarget, BoundTarget];
    expect(names(left, right, left)).toEqual(["mask:cat@mask", "mask:cat@mask~2"]);
    const [, second] = bindTargets(info, [left, right]);
    expect(second?.feed({ source: "" })).toEqual(right.feed({ source: "" }));
    expect(names(left, { ...right, name: "mask:cat@mask~2" }, right)).toEqual([
      "mask:cat@mask",
      "mask:cat@mask~2",
      "mask:cat@mask~3",
    ]);
  });
});

describe("the registry", () => {
  it("tells of every kind how it is written, each in a file of its name", () => {
    const ids = targetKinds.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, syntax, summary } of targetKinds) {
      expect(syntax).toContain(id === "class" || id === "difference" ? "<class>" : `${id}:`);
      expect(summary.length).toBeGreaterThan(20);
    }
  });
});
