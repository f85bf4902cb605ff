// Oracle: torchvision's Resize, CenterCrop, ToTensor and Normalize on Pillow images, recorded by
// tools/reference/pillow_resample.py, and closed forms.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Image, PreprocessedImage } from "./image.ts";
import { createBatch, fitImage, imageOfBatch, placement, preprocess } from "./preprocess.ts";
import { createPreprocessSpec, type PreprocessOptions } from "./preprocess-spec.ts";

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: string;
}
interface Recorded {
  readonly source: Picture;
  readonly turned: Picture;
  readonly gray: Picture;
  readonly fitted: readonly (Required<Pick<PreprocessOptions, "size" | "shortSide" | "interpolation">> & {
    readonly turned: boolean;
    readonly data: string;
  })[];
  readonly normalized: { shortSide: number; size: [number, number]; values: readonly number[] };
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL("./fixtures/pillow-resample.json", import.meta.url), "utf8"),
);
const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const image = (name: "source" | "turned"): Image => ({
  ...recorded[name],
  data: bytes(recorded[name].data),
  source: name,
});
const plain = (width: number, height: number, rgb: readonly number[]): Image => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]!),
  source: "plain",
});
const run = (picture: Image, options: PreprocessOptions): number[] => {
  const spec = createPreprocessSpec(options);
  const { values } = createBatch(spec, 1);
  preprocess(picture, spec, values, 0);
  return [...values];
};

describe("fitImage", () => {
  it.each(recorded.fitted)("equals torchvision: $interpolation $shortSide $size turned $turned", (row) => {
    const spec = createPreprocessSpec({
      size: row.size,
      shortSide: row.shortSide,
      interpolation: row.interpolation,
    });
    expect(fitImage(image(row.turned ? "turned" : "source"), spec).data).toEqual(bytes(row.data));
  });

  it("pads a letterbox with the pad colour, centred", () => {
    const spec = createPreprocessSpec({ size: [4, 4], resize: "pad", padColor: [1, 2, 3] });
    const { data } = fitImage(plain(8, 4, [200, 100, 50]), spec);
    const rows = [0, 1, 2, 3].map((y) => [...data.subarray(y * 12, y * 12 + 3)]);
    expect(rows).toEqual([
      [1, 2, 3],
      [200, 100, 50],
      [200, 100, 50],
      [1, 2, 3],
    ]);
  });

  it("turns grey before it resizes, as convert('L') does", () => {
    const spec = createPreprocessSpec({ size: [7, 12], resize: "squash", channels: "gray" });
    const { data } = fitImage(image("source"), spec);
    expect(data.filter((_, i) => i % 3 === 0)).toEqual(bytes(recorded.gray.data));
  });
});

describe("placement", () => {
  it("covers the input where the short side alone would not", () => {
    const spec = createPreprocessSpec({ size: [240, 320], shortSide: 240 });
    expect(placement(300, 600, spec)).toEqual({ scaledWidth: 320, scaledHeight: 640, left: 0, top: 200 });
  });

  it("rounds half a pixel to even, as Python does", () => {
    const spec = createPreprocessSpec({ size: [10, 10], shortSide: 15 });
    expect(placement(15, 17, spec)).toEqual({ scaledWidth: 15, scaledHeight: 17, left: 2, top: 4 });
  });
});

describe("preprocess", () => {
  it("equals torchvision's normalized tensor", () => {
    const { shortSide, size, values: expected } = recorded.normalized;
    const values = run(image("source"), { shortSide, size, preset: "imagenet" });
    expect(values).toHaveLength(expected.length);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  it("writes its own slot, in the layout, channel order and range that are asked for", () => {
    const spec = createPreprocessSpec({
      size: [1, 2],
      layout: "NHWC",
      channels: "BGR",
      range: "0..255",
      mean: [103, 116, 123],
      std: [1, 1, 2],
    });
    const { values, dims } = createBatch(spec, 2);
    preprocess(plain(2, 1, [133, 126, 104]), spec, values, 1);
    expect(dims).toEqual([2, 1, 2, 3]);
    expect([...values]).toEqual([0, 0, 0, 0, 0, 0, 1, 10, 5, 1, 10, 5]);
  });

  it.each([
    { options: { range: "-1..1" }, expected: [1, -1, 0.6] },
    { options: { dtype: "uint8" }, expected: [255, 0, 204] },
    { options: { preset: "unit", dtype: "float16" }, expected: [0x3c00, 0, 0x3a66] },
    { options: { channels: "gray", preset: "none" }, expected: [99] },
  ] as const)("maps pixels by $options", ({ options, expected }) => {
    const values = run(plain(1, 1, [255, 0, 204]), { size: [1, 1], ...options });
    for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 6);
    expect(values).toHaveLength(expected.length);
  });

  it("copies a preprocessed tensor, transposed for NHWC", () => {
    const tensor: PreprocessedImage = {
      shape: [3, 1, 2],
      values: Float32Array.of(1, 2, 3, 4, 5, 6),
      source: "batch.npy[0]",
    };
    const spec = createPreprocessSpec({ size: [1, 2], layout: "NHWC" });
    const { values } = createBatch(spec, 1);
    preprocess(tensor, spec, values, 0);
    expect([...values]).toEqual([1, 3, 5, 2, 4, 6]);
    const other = createPreprocessSpec({ size: [2, 2] });
    expect(() => preprocess(tensor, other, createBatch(other, 1).values, 0)).toThrow(
      "batch.npy[0]: a preprocessed tensor of [3, 1, 2] does not fit the model's input [3, 2, 2].",
    );
  });
});

describe("imageOfBatch", () => {
  it.each([
    { preset: "imagenet" },
    { preset: "clip", layout: "NHWC", channels: "BGR" },
    { preset: "inception", dtype: "float16" },
    { dtype: "uint8" },
    { range: "-1..1" },
  ] as const)("undoes preprocessing: %o", (options) => {
    const spec = createPreprocessSpec({ size: [23, 37], resize: "squash", ...options });
    const { values } = createBatch(spec, 2);
    preprocess(image("source"), spec, values, 1);
    expect(imageOfBatch(values, spec, 1, "x").data).toEqual(image("source").data);
  });
});
