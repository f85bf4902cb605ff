// Oracle: the published recipes (ImageNet: short side 256, crop 224) and the flags' documented rules.
import { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { createPreprocessSpec, type PreprocessOptions } from "./preprocess-spec.ts";
import { presetNames } from "./presets.ts";

describe("createPreprocessSpec", () => {
  it("is ImageNet's recipe by default", () => {
    expect(createPreprocessSpec({ size: [224, 224] })).toMatchObject({
      shortSide: 256,
      resize: "crop",
      interpolation: "bilinear",
      range: "0..1",
      mean: [0.485, 0.456, 0.406],
    });
  });

  it.each(presetNames)("crops nothing of small pictures: %s", (preset) => {
    expect(createPreprocessSpec({ size: [32, 32], preset }).shortSide).toBe(32);
  });

  it("takes a range without mean and std as no normalization", () => {
    expect(createPreprocessSpec({ size: [8, 8], range: "0..255" })).toMatchObject({ mean: [0], std: [1] });
  });

  it("averages a preset for a grey input", () => {
    const { mean, std } = createPreprocessSpec({ size: [8, 8], channels: "gray" });
    expect([...mean, ...std].map((value) => Number(value.toFixed(4)))).toEqual([0.449, 0.226]);
  });

  it.each<[string, Partial<PreprocessOptions>, string]>([
    [
      "bad-mean",
      { mean: [0.5, 0.5] },
      "--mean: expected 3 values (one per channel, RGB) or 1, got 2: 0.5,0.5.",
    ],
    [
      "bad-std",
      { std: [1, 2, 3, 4] },
      "--std: expected 3 values (one per channel, RGB) or 1, got 4: 1,2,3,4.",
    ],
    ["bad-std", { std: [0, 1, 1] }, "--std: a standard deviation must be above 0, got 0,1,1."],
    ["bad-mean", { channels: "gray", mean: [1, 2, 3] }, "--mean: expected 1 value, got 3: 1,2,3."],
    ["bad-mean", { mean: [Number.NaN] }, "--mean: expected numbers, got NaN."],
    [
      "bad-preset",
      { preset: "imagnet" as "imagenet" },
      '--preset: unknown value "imagnet". Did you mean "imagenet"? Known: imagenet, ',
    ],
    [
      "bad-layout",
      { layout: "CHW" as "NCHW" },
      '--layout: unknown value "CHW". Did you mean "NCHW"? Known: NCHW, NHWC.',
    ],
    ["bad-size", { size: [0, 224] }, "--size: expected height and width from 1 to 32768, got 0x224."],
    [
      "bad-range",
      { dtype: "uint8", preset: "imagenet" },
      "--range: a uint8 input takes pixels 0..255 without",
    ],
    ["bad-short-side", { shortSide: 1.5 }, "--short-side: expected a whole number of pixels, got 1.5."],
    [
      "bad-pad-color",
      { padColor: [0, 0, 256] },
      "--pad-color: expected three values from 0 to 255, got 0,0,256.",
    ],
  ])("refuses with the flag's name: %s %o", (code, options, message) => {
    const attempt = () => createPreprocessSpec({ size: [224, 224], ...options });
    expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    expect(attempt).toThrow(UsageError);
  });
});
