// Oracle: hand-written label files of the kinds that torchvision, Keras, transformers and timm users have.
import { describe, expect, it } from "vitest";
import { findClasses, indexClassNames, labelsOfJson, parseLabels } from "./labels.ts";

describe("parseLabels", () => {
  it.each([
    ["labels.txt", "tench\r\ngoldfish\n\n"],
    ["labels.txt", "0: tench\n1: goldfish"],
    ["labels.csv", "1,goldfish\n0,tench\n"],
    ["labels.json", '["tench", "goldfish"]'],
    ["labels.json", '{"1": "goldfish", "0": "tench"}'],
    ["config.json", '{"model_type": "vit", "id2label": {"0": "tench", "1": "goldfish"}, "label2id": {}}'],
    ["set.json", '{"labels": {"a.jpg": 0}, "classes": ["tench", "goldfish"]}'],
    ["config.json", '{"architecture": "resnet18", "label_names": ["tench", "goldfish"]}'],
  ])("reads %s %o", (file, text) => {
    expect(parseLabels(text, file)).toEqual(["tench", "goldfish"]);
  });

  it("keeps WordNet ids, numbers that are names, and an empty line in the middle", () => {
    expect(parseLabels('{"0": ["n01440764", "tench"]}', "index.json")).toEqual(["n01440764 tench"]);
    expect(parseLabels("3 legged\n7 up\n", "labels.txt")).toEqual(["3 legged", "7 up"]);
    expect(parseLabels("a\n\nc", "labels.txt")).toEqual(["a", "", "c"]);
  });

  it.each([
    ["labels.txt", "\n"],
    ["labels.json", '{"0": "a", "2": "b"}'],
    ["labels.json", '{"0": "a", "1": 5}'],
    ["labels.json", "[]"],
  ])("refuses %s %o", (file, text) => {
    expect(() => parseLabels(text, file)).toThrow(`${file}: holds no class names.`);
  });

  it("names a file that is not JSON", () => {
    expect(() => parseLabels("[", "labels.json")).toThrow(expect.objectContaining({ code: "bad-json" }));
  });

  it("finds no names in a config without them", () => {
    expect(labelsOfJson({ architecture: "resnet18", num_classes: 1000 })).toBeUndefined();
  });
});

describe("findClasses", () => {
  const labels = ["n01440764 tench, Tinca tinca", "crane", "great white shark, man-eater", "crane"];

  it.each([
    ["tinca  TINCA", [0]],
    ["n01440764", [0]],
    ["tench", [0]],
    ["great_white_shark", [2]],
    ["crane", [1, 3]],
    ["shark", []],
  ])("%s is %o", (query, expected) => {
    expect(findClasses(labels, query)).toEqual(expected);
  });
});

describe("indexClassNames", () => {
  it("goes by the labels first and leaves out what is no class", () => {
    expect([...indexClassNames(["dog", "holiday", "cat"], ["cat", "dog", "bird"])]).toEqual([
      ["dog", 1],
      ["cat", 0],
    ]);
  });

  it("takes numbers below the class count", () => {
    expect([...indexClassNames(["2", "2023"], [], 10)]).toEqual([["2", 2]]);
  });

  it("counts in sorted order when the names are as many as the classes", () => {
    expect([...indexClassNames(["b", "a", "c"], [], 3)]).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ]);
    expect(indexClassNames(["b", "a"], [], 3).size).toBe(0);
  });

  it("does not guess between two classes of one name", () => {
    expect(indexClassNames(["crane"], ["crane", "crane"]).size).toBe(0);
  });
});
