// Oracle: documents in the two forms, written by hand.
import { describe, expect, it } from "vitest";
import { annotatedObjects } from "./annotated-objects.ts";

describe("annotatedObjects", () => {
  it("reads COCO's own form", () => {
    const found = annotatedObjects({
      images: [
        { id: 5, file_name: "a.jpg" },
        { id: 6, file_name: "b.jpg" },
      ],
      categories: [{ id: 17, name: "cat" }],
      annotations: [
        { image_id: 5, category_id: 17, bbox: [1, 2, 3, 4] },
        { image_id: 5, category_id: 99, bbox: [0, 0, 2, 2] },
        { image_id: 5, category_id: 17, bbox: [1, 2, 0, 4] },
      ],
    });
    expect(found).toEqual([
      {
        file: "a.jpg",
        objects: [
          { name: "cat", classIndices: [], box: [1, 2, 3, 4] },
          { name: "99", classIndices: [], box: [0, 0, 2, 2] },
        ],
      },
      { file: "b.jpg", objects: [] },
    ]);
  });

  it("reads boxes, masks and the classes of categories; where a category has a mask, its boxes are not needed", () => {
    const found = annotatedObjects({
      classes_of_category: { dog: [7, 8] },
      images: [
        {
          file: "a.jpg",
          boxes: [
            { category: "dog", x: 1, y: 2, w: 3, h: 4 },
            { category: "tree", x: 0, y: 0, w: 1, h: 9 },
          ],
          mask: "masks/a.png",
          segments: [{ value: 2, category: "dog" }],
        },
      ],
    });
    expect(found?.[0]?.objects).toEqual([
      { name: "dog", classIndices: [7, 8], maskFile: "masks/a.png", maskValue: 2 },
      { name: "tree", classIndices: [], box: [0, 0, 1, 9] },
    ]);
  });

  it("is undefined for documents without objects", () => {
    expect(annotatedObjects({ images: [{ file: "a.jpg", class: "cat" }] })).toBeUndefined();
    expect(annotatedObjects({ images: 3, annotations: "x" })).toBeUndefined();
  });
});
