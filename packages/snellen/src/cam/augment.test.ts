// Oracle: versions of a picture of a few pixels, written by hand.
import { describe, expect, it } from "vitest";
import { createPreprocessSpec } from "../images/preprocess-spec.ts";
import { augmented, withRanksOf } from "./augment.ts";
import type { BoundTarget } from "./targets/target.ts";

const picture = {
  source: "a.npy",
  shape: [1, 2, 3] as const,
  values: Float32Array.of(1, 2, 3, 100, 200, 250),
};

describe("augmented", () => {
  it("mirrors rows and multiplies", () => {
    const spec = createPreprocessSpec({ size: [2, 3], channels: "gray" });
    const { values } = augmented(spec, picture, { mirrored: true, factor: 2 });
    expect([...values]).toEqual([6, 4, 2, 500, 400, 200]);
  });

  it("stays within a byte where the network takes bytes", () => {
    const spec = createPreprocessSpec({ size: [2, 3], channels: "gray", dtype: "uint8" });
    const { values } = augmented(spec, picture, { mirrored: false, factor: 1.1 });
    expect([...values]).toEqual([1, 2, 3, 110, 220, 255]);
  });
});

describe("withRanksOf", () => {
  it("puts the classes that had the ranks on the image itself in their place", () => {
    const target = {
      kind: { inputs: [{ dataType: "int64" }, { dataType: "float32" }] },
      feed: () => [[-2, 3], [-1]],
    } as unknown as BoundTarget;
    const ranked = withRanksOf(target, new Map([["a.png", Float32Array.of(5, 9, 7)]]));
    expect(ranked.feed({ source: "a.png" })).toEqual([[2, 3], [-1]]);
    expect(ranked.feed({ source: "b.png" })).toEqual([[-2, 3], [-1]]);
  });
});
