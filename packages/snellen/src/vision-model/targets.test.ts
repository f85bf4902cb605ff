// Oracle: the list of names itself.
import { describe, expect, it } from "vitest";
import type { DescribedModel } from "./describe.ts";
import { checkTargets, HIGHEST, labelIndexOf, resolveTargets } from "./targets.ts";

const infoOf = (names: readonly string[] | undefined): DescribedModel =>
  ({ logits: { classes: 4 }, labels: { names, origin: "given" } }) as unknown as DescribedModel;
const named = infoOf(["tench, Tinca tinca", "crane", "crane", "tabby"]);
const images = [
  { source: "a.png", classIndex: 2 },
  { source: "b.png", className: "Tinca  Tinca" },
];

describe("resolveTargets", () => {
  it.each([
    ["top1", [HIGHEST, HIGHEST]],
    ["label", [2, 0]],
    [3, [3, 3]],
    ["3", [3, 3]],
    ["TABBY", [3, 3]],
    ["tench", [0, 0]],
  ])("%s", (target, indices) => {
    expect(resolveTargets(named, images, target)).toEqual(indices);
  });

  it.each([
    [4, "target-out-of-range", "--target: class 4 does not exist. The model has 4 scores: 0 to 3."],
    [-1, "target-out-of-range", "class -1 does not exist"],
    [1.5, "target-out-of-range", "class 1.5 does not exist"],
    ["tabi", "unknown-label", '--target: no class is called "tabi". Did you mean "tabby"?'],
    ["crane", "ambiguous-label", "Give the index: 1 or 2."],
  ])("refuses %s with %s", (target, code, message) => {
    expect(() => checkTargets(named, images, target)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("names the image that lacks a label, or has one that nobody knows", () => {
    expect(() => resolveTargets(named, [{ source: "c.png" }], "label")).toThrow(
      "c.png: the image has no label.",
    );
    expect(() => resolveTargets(named, [{ source: "c.png", className: "dog" }], "label")).toThrow(
      'c.png: no class is called "dog".',
    );
    expect(() => resolveTargets(infoOf(undefined), [{ source: "c.png", className: "dog" }], "label")).toThrow(
      `c.png: "dog" is a class name, but the model's are not known.`,
    );
  });
});

describe("labelIndexOf", () => {
  it("does not count an index that the model lacks", () => {
    expect(labelIndexOf(named, { source: "a", classIndex: 9 })).toBeUndefined();
    expect(labelIndexOf(named, { source: "a", classIndex: 9, className: "tabby" })).toBe(3);
    expect(labelIndexOf(infoOf(undefined), { source: "a", className: "tabby" })).toBeUndefined();
  });
});
