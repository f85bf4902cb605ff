// Oracle: the documented fields of Hugging Face's image processors and timm's pretrained_cfg; values worked by hand.
import { describe, expect, it } from "vitest";
import { createPreprocessSpec } from "./preprocess-spec.ts";
import { parsePreprocessorConfig } from "./preprocessor-config.ts";

const parse = (json: unknown) => parsePreprocessorConfig(json, "config.json");

describe("parsePreprocessorConfig", () => {
  it("reads timm's pretrained_cfg", () => {
    const config = {
      architecture: "convnext_tiny",
      num_classes: 1000,
      pretrained_cfg: {
        input_size: [3, 224, 224],
        crop_pct: 0.95,
        crop_mode: "center",
        interpolation: "bicubic",
        mean: [0.5, 0.5, 0.5],
        std: [0.25, 0.25, 0.25],
        first_conv: "stem.0",
      },
    };
    expect(parse(config)).toEqual({
      size: [224, 224],
      resize: "crop",
      shortSide: 235,
      interpolation: "bicubic",
      range: "0..1",
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    });
  });

  it("reads timm's fields at the top of the file", () => {
    const config = { input_size: [3, 32, 40], crop_pct: 1, crop_mode: "squash", interpolation: "random" };
    expect(parse(config)).toMatchObject({
      size: [32, 40],
      resize: "squash",
      shortSide: 32,
      interpolation: "bilinear",
    });
  });

  it.each([
    [
      "ViT squashes",
      { size: { height: 224, width: 224 } },
      { size: [224, 224], resize: "squash", shortSide: 224 },
    ],
    ["an old ViT too", { size: 384 }, { size: [384, 384], resize: "squash", shortSide: 384 }],
    [
      "CLIP crops",
      { size: { shortest_edge: 224 }, do_center_crop: true, crop_size: { height: 224, width: 224 } },
      { size: [224, 224], resize: "crop", shortSide: 224 },
    ],
    [
      "an old DINO crops a number",
      { size: 256, do_center_crop: true, crop_size: 224 },
      { size: [224, 224], resize: "crop", shortSide: 256 },
    ],
    [
      "DeiT squashes, then crops",
      { size: { height: 256, width: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 } },
      { size: [224, 224], resize: "squash", shortSide: 256 },
    ],
    [
      "a stated crop that is switched off does nothing",
      { size: { height: 224, width: 224 }, do_center_crop: false, crop_size: { height: 200, width: 200 } },
      { size: [224, 224], resize: "squash", shortSide: 224 },
    ],
    [
      "ConvNeXt has a margin below 384",
      { size: { shortest_edge: 224 }, crop_pct: 0.875 },
      { size: [224, 224], resize: "crop", shortSide: 256 },
    ],
    [
      "and squashes from 384 on",
      { size: { shortest_edge: 384 }, crop_pct: 0.875 },
      { size: [384, 384], resize: "squash", shortSide: 384 },
    ],
    [
      "LeViT resizes to 256 for 224",
      {
        image_processor_type: "LevitImageProcessor",
        size: { shortest_edge: 224 },
        do_center_crop: true,
        crop_size: { height: 224, width: 224 },
      },
      { size: [224, 224], resize: "crop", shortSide: 256 },
    ],
  ])("reads Hugging Face's geometry: %s", (_, fields, expected) => {
    expect(parse({ do_resize: true, resample: 3, ...fields })).toMatchObject({
      ...expected,
      interpolation: "bicubic",
    });
  });

  it.each([
    [{}, { range: "0..1", mean: [0.4, 0.5, 0.6], std: [0.1, 0.2, 0.3] }],
    [{ do_normalize: false }, { range: "0..1", mean: [0], std: [1] }],
    [{ do_rescale: false }, { range: "0..255", mean: [0.4, 0.5, 0.6], std: [0.1, 0.2, 0.3] }],
    [{ rescale_factor: 0.00392156862745098 }, { range: "0..1", mean: [0.4, 0.5, 0.6] }],
    [
      { rescale_factor: 1 / 127.5, rescale_offset: true, do_normalize: false },
      { range: "0..1", mean: [0.5], std: [0.5] },
    ],
    [{ include_top: true, image_std: [0.5, 0.5, 0.5] }, { std: [0.25, 0.25, 0.25] }],
    [{ do_flip_channel_order: true }, { channels: "BGR" }],
  ])("reads Hugging Face's normalization: %o", (fields, expected) => {
    const config = { do_resize: true, image_mean: [0.4, 0.5, 0.6], image_std: [0.1, 0.2, 0.3], ...fields };
    expect(parse(config)).toMatchObject(expected);
  });

  it("gives what createPreprocessSpec takes", () => {
    const options = parse({
      image_processor_type: "ViTImageProcessor",
      size: 224,
      image_mean: [0.5, 0.5, 0.5],
    })!;
    expect(createPreprocessSpec(options)).toMatchObject({ size: [224, 224], std: [0.5], layout: "NCHW" });
  });

  it("finds no preprocessing in a transformers config.json", () => {
    expect(parse({ model_type: "vit", id2label: { 0: "tench" } })).toBeUndefined();
  });

  it("names file and field when a value is of the wrong kind", () => {
    const config = { do_resize: true, size: { shortest_edge: "big" }, image_mean: "half" };
    expect(() => parse(config)).toThrow(
      expect.objectContaining({
        code: "bad-preprocessor-config",
        message: expect.stringMatching(/^config\.json: .*image_mean: /),
      }),
    );
    expect(() => parse([1])).toThrow("config.json: expected a JSON object.");
  });
});
