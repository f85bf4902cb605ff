// Oracle: the list of names itself.
import { describe, expect, it } from "vitest";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ClassReference, HIGHEST, labelIndexOf, referTo } from "./class-reference.ts";

const infoOf = (names: readonly string[] | undefined): DescribedModel =>
  ({ logits: { classes: 4 }, labels: { names, origin: "given" } }) as unknown as DescribedModel;
const named = infoOf(["tench, Tinca tinca", "crane", "crane", "tabby"]);
const images = [
  { source: "a.png", classIndex: 2 },
  { source: "b.png", className: "Tinca  Tinca" },
];

const classesOf = (
  info: DescribedModel,
  reference: ClassReference,
  of: readonly { source: string; className?: string; classIndex?: number }[] = images,
) => of.map(referTo(info, reference));

describe("referTo", () => {
  it.each([
    ["top1", [HIGHEST, HIGHEST]],
    ["label", [2, 0]],
    [3, [3, 3]],
    ["3", [3, 3]],
    ["TABBY", [3, 3]],
    ["tench", [0, 0]],
    ["rank3", [-3, -3]],
  ])("%s", (target, indices) => {
    expect(classesOf(named, target)).toEqual(indices);
  });

  it.each([
    [4, "target-out-of-range", "--target: class 4 does not exist. The model has 4 scores: 0 to 3."],
    [-1, "target-out-of-range", "class -1 does not exist"],
    ["rank5", "target-out-of-range", "there is no rank 5. The model has 4 scores; ranks go from 1 to 4."],
    ["rank0", "target-out-of-range", "there is no rank 0"],
    [1.5, "target-out-of-range", "class 1.5 does not exist"],
    ["tabi", "unknown-label", '--target: no class is called "tabi". Did you mean "tabby"?'],
    ["crane", "ambiguous-label", "Give the index: 1 or 2."],
  ])("refuses %s with %s", (target, code, message) => {
    expect(() => classesOf(named, target)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("offers names that hold the word before those that are spelled alike", () => {
    const cats = ["cab", "tiger cat", "polecat", "Siamese cat, Siamese", "Persian_cat"];
    expect(() => classesOf(infoOf(cats), "Cat")).toThrow(
      'no class is called "Cat". Did you mean "tiger cat", "Siamese cat, Siamese" or "Persian_cat"?',
    );
    const many = Array.from({ length: 7 }, (_, i) => `cat ${i}`);
    expect(() => classesOf(infoOf(many), "cat")).toThrow('"cat 3", "cat 4" or 2 more?');
    expect(() => classesOf(infoOf(["cab", "dog"]), "cat")).toThrow('Did you mean "cab"?');
  });

  it("names the image that lacks a label, or has one that nobody knows", () => {
    expect(() => classesOf(named, "label", [{ source: "c.png" }])).toThrow("c.png: the image has no label.");
    expect(() => classesOf(named, "label", [{ source: "c.png", className: "dog" }])).toThrow(
      'c.png: no class is called "dog".',
    );
    expect(() => classesOf(infoOf(undefined), "label", [{ source: "c.png", className: "dog" }])).toThrow(
      `c.png: "dog" is a class name, but the model's are not known.`,
    );
  });
});

describe("labelIndexOf", () => {
  it("does not count an index that the model lacks", () => {
    expect(labelIndexOf(named, { source: "a", classIndex: 9 })).toBeUndefined();
    expect(labelIndexOf(named, { source: "a", classIndex: -1 })).toBeUndefined();
    expect(labelIndexOf(named, { source: "a", classIndex: 9, className: "tabby" })).toBe(3);
    expect(labelIndexOf(infoOf(undefined), { source: "a", className: "tabby" })).toBeUndefined();
  });
});
