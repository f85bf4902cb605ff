// Oracle: hand-written documents of each kind, and the other kinds that must not be taken for them.
import { describe, expect, it } from "vitest";
import { parseImageLabels } from "./labels-per-image.ts";

describe("parseImageLabels", () => {
  const expected = [
    { file: "a/1.jpg", className: "cat" },
    { file: "b,2.jpg", classIndex: 7 },
  ];

  it.each([
    ["labels.csv", 'a/1.jpg,cat\r\n"b,2.jpg",7\r\n'],
    ["labels.csv", '\uFEFFfile,label\n./a/1.jpg,cat\n"b,2.jpg",7\n'],
    ["labels.csv", "id;Label;Path\n1;cat;a\\1.jpg\n2;7;b,2.jpg\n"],
    ["labels.tsv", "a/1.jpg\tcat\nb,2.jpg\t7\n"],
    ["labels.json", '{"a/1.jpg": "cat", "b,2.jpg": 7}'],
    ["labels.json", '{"classes": ["x"], "labels": {"a/1.jpg": "cat", "b,2.jpg": 7}}'],
    [
      "a.json",
      '{"labels": [], "images": [{"file": "a/1.jpg", "class": "cat"}, {"file": "b,2.jpg", "classIndex": 7}]}',
    ],
  ])("reads %s: %s", (file, text) => {
    expect(parseImageLabels(text, file)).toEqual(expected);
  });

  it("reads box and mask of an annotation", () => {
    const image = {
      file: "images/C/0.png",
      class: "C",
      classIndex: 0,
      box: [1, 2, 3, 4],
      mask: "masks/C/0.png",
    };
    expect(parseImageLabels(JSON.stringify({ labels: ["C"], images: [image] }), "annotations.json")).toEqual([
      { file: "images/C/0.png", className: "C", classIndex: 0, box: [1, 2, 3, 4], maskFile: "masks/C/0.png" },
    ]);
  });

  it("keeps classes and objects of a document that mixes them", () => {
    const images = [
      { file: "a.png", class: "cat" },
      { file: "b.png", boxes: [{ category: 3, x: 1, y: 2, w: 3, h: 4 }] },
      { file: "./c.png", classIndex: 7, boxes: [{ category: 3, x: 5, y: 6, w: 7, h: 8 }] },
      { file: "d.png", class: "dog", mask: "m/d.png", segments: [{ value: 2, category: 3 }] },
      { file: "e.png" },
    ];
    const object = { name: "3", classIndices: [9] };
    expect(
      parseImageLabels(JSON.stringify({ images, classes_of_category: { 3: [9] } }), "annotations.json"),
    ).toEqual([
      { file: "a.png", className: "cat" },
      { file: "b.png", objects: [{ ...object, box: [1, 2, 3, 4] }] },
      { file: "c.png", classIndex: 7, objects: [{ ...object, box: [5, 6, 7, 8] }] },
      { file: "d.png", className: "dog", objects: [{ ...object, maskFile: "m/d.png", maskValue: 2 }] },
      { file: "e.png", objects: [] },
    ]);
  });

  it("keeps quoted quotes", () => {
    expect(parseImageLabels('"a ""b"".jpg",cat', "labels.csv")).toEqual([
      { file: 'a "b".jpg', className: "cat" },
    ]);
  });

  it.each([
    [
      "COCO's objects",
      "annotations.json",
      '{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": []}',
    ],
    ["class names", "labels.json", '["cat", "dog"]'],
    ["nested data", "both.json", '{"both.png": {"size": [1, 2]}}'],
    ["one column", "labels.csv", "cat\ndog\n"],
    ["an unclosed quote", "labels.csv", '"a.jpg,cat\n'],
  ])("takes nothing from %s", (_, file, text) => {
    expect(parseImageLabels(text, file)).toBeUndefined();
  });
});
