// Oracle: versions of a picture of a few pixels, written by hand.
import { describe, expect, it } from "vitest";
import { createPreprocessSpec } from "../images/preprocess-spec.ts";
import { augmented } from "./augment.ts";

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
