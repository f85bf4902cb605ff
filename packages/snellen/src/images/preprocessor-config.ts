// Reads the preprocessing that a model's publisher wrote down: Hugging Face's preprocessor_config.json, timm's config.json.
// Import it on demand: zod takes longer to load than a small network to run.
import { UsageError } from "@snellen/graph";
import * as z from "zod/mini";
import { isRecord } from "../json.ts";
import { IN_ENGLISH } from "../zod-messages.ts";
import type { PreprocessOptions } from "./preprocess-spec.ts";
import { presets } from "./presets.ts";
import type { Interpolation } from "./resample.ts";

/** What such a file says; size and layout of the model itself still come first. */
export type ConfiguredPreprocessing = Omit<PreprocessOptions, "preset" | "layout" | "dtype">;

const side = z.int().check(z.minimum(1));
const share = z.number().check(z.positive(), z.maximum(1));
const triple = z.array(z.number()).check(z.minLength(1), z.maxLength(4));

const huggingFaceSize = z.union([
  side,
  z.tuple([side, side]),
  z.object({ height: side, width: side }),
  z.object({ shortest_edge: side }),
]);

const huggingFaceSchema = z.object({
  image_processor_type: z.nullish(z.string()),
  feature_extractor_type: z.nullish(z.string()),
  do_resize: z.nullish(z.boolean()),
  size: z.nullish(huggingFaceSize),
  resample: z.nullish(z.int()),
  do_center_crop: z.nullish(z.boolean()),
  crop_size: z.nullish(huggingFaceSize),
  crop_pct: z.nullish(share),
  do_rescale: z.nullish(z.boolean()),
  rescale_factor: z.nullish(z.number().check(z.positive())),
  rescale_offset: z.nullish(z.boolean()),
  do_normalize: z.nullish(z.boolean()),
  image_mean: z.nullish(triple),
  image_std: z.nullish(triple),
  do_flip_channel_order: z.nullish(z.boolean()),
  include_top: z.nullish(z.boolean()),
});

const timmSchema = z.object({
  input_size: z.tuple([side, side, side]),
  mean: z.optional(triple),
  std: z.optional(triple),
  crop_pct: z.optional(share),
  crop_mode: z.optional(z.string()),
  interpolation: z.optional(z.string()),
});

type HuggingFaceConfig = z.infer<typeof huggingFaceSchema>;
type TimmConfig = z.infer<typeof timmSchema>;

/** Pillow's numbers, which Hugging Face's `resample` uses; Hamming, which no published config names, reads as bilinear. */
const PILLOW_KERNELS: readonly Interpolation[] = [
  "nearest",
  "lanczos",
  "bilinear",
  "bicubic",
  "box",
  "bilinear",
];

/** Processors that resize to more than the size they state: LeViT to 256 for 224. */
const MARGINS: Readonly<Record<string, number>> = { Levit: 224 / 256 };

/** ConvNeXt's processor squashes from this side on and crops below it. */
const CONVNEXT_SQUASH_SIDE = 384;

/**
 * Reads the parsed JSON of a config file.
 *
 * Returns undefined where the file holds no preprocessing (a transformers `config.json`).
 * @param file name for error messages.
 * @throws UsageError `bad-preprocessor-config` for fields of the wrong kind.
 */
export function parsePreprocessorConfig(json: unknown, file: string): ConfiguredPreprocessing | undefined {
  if (!isRecord(json)) {
    throw new UsageError("bad-preprocessor-config", "expected a JSON object.", { where: file });
  }
  const timm = json.pretrained_cfg ?? ("input_size" in json ? json : undefined);
  if (timm !== undefined) return fromTimm(checked(timmSchema, timm, file));
  const isHuggingFace = ["image_processor_type", "feature_extractor_type", "image_mean", "do_resize"].some(
    (key) => key in json,
  );
  return isHuggingFace ? fromHuggingFace(checked(huggingFaceSchema, json, file)) : undefined;
}

function checked<T>(schema: z.ZodMiniType<T>, json: unknown, file: string): T {
  const result = schema.safeParse(json, IN_ENGLISH);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join(".") || "file"}: ${issue.message}`);
  throw new UsageError("bad-preprocessor-config", `${issues.join("; ")}.`, {
    where: file,
    hint: "Correct the file, or give --preset, --mean and --std.",
  });
}

function fromTimm(config: TimmConfig): ConfiguredPreprocessing {
  const [, height, width] = config.input_size;
  const shortSide = Math.floor(Math.min(height, width) / (config.crop_pct ?? 0.875));
  const kernel = config.interpolation as Interpolation | undefined;
  const mean = config.mean ?? presets.imagenet.spec.mean;
  return {
    size: [height, width],
    resize: config.crop_mode === "squash" ? "squash" : config.crop_mode === "border" ? "pad" : "crop",
    shortSide,
    interpolation: kernel !== undefined && PILLOW_KERNELS.includes(kernel) ? kernel : "bilinear",
    range: "0..1",
    mean,
    std: config.std ?? presets.imagenet.spec.std,
    ...(config.crop_mode === "border" ? { padColor: barColor(mean) } : {}),
  };
}

/** timm draws bars in the mean colour. */
function barColor(mean: readonly number[]): [number, number, number] {
  const level = (channel: number) => Math.round(255 * (mean[channel] ?? mean[0]!));
  return [level(0), level(1), level(2)];
}

function fromHuggingFace(config: HuggingFaceConfig): ConfiguredPreprocessing {
  return {
    ...huggingFaceGeometry(config),
    interpolation: PILLOW_KERNELS[config.resample ?? 2] ?? "bilinear",
    ...(config.do_flip_channel_order ? { channels: "BGR" as const } : {}),
    ...huggingFaceNormalization(config),
  };
}

function huggingFaceGeometry(
  config: HuggingFaceConfig,
): Pick<ConfiguredPreprocessing, "size" | "resize" | "shortSide"> {
  const crops = config.do_center_crop ?? config.crop_size != null;
  const stated = config.size ?? 224;
  const [height, width] = sides(stated);
  const short = Math.min(height, width);
  const isShortestEdge = typeof stated === "object" && "shortest_edge" in stated;
  // Old files give one number: with a crop it is the short side, without one both sides.
  const keepsAspect = isShortestEdge || (typeof stated === "number" && (crops || config.crop_pct != null));
  const cropped = crops ? sides(config.crop_size ?? stated) : [height, width];
  const size = [cropped[0]!, cropped[1]!] as const;
  if (config.crop_pct != null && short >= CONVNEXT_SQUASH_SIDE)
    return { size, resize: "squash", shortSide: short };
  const name = config.image_processor_type ?? config.feature_extractor_type ?? "";
  const margin =
    config.crop_pct ?? Object.entries(MARGINS).find(([start]) => name.startsWith(start))?.[1] ?? 1;
  return { size, resize: keepsAspect ? "crop" : "squash", shortSide: Math.trunc(short / margin) };
}

function sides(size: NonNullable<HuggingFaceConfig["size"]>): readonly [height: number, width: number] {
  if (typeof size === "number") return [size, size];
  if (Array.isArray(size)) return size;
  return "height" in size ? [size.height, size.width] : [size.shortest_edge, size.shortest_edge];
}

/**
 * Mean and deviation of pixels in 0..1 (or 0..255 without rescaling) that equal
 * `(pixel * rescale_factor - offset - image_mean) / image_std`.
 */
function huggingFaceNormalization(
  config: HuggingFaceConfig,
): Pick<ConfiguredPreprocessing, "range" | "mean" | "std"> {
  const normalizes = config.do_normalize ?? true;
  const mean = normalizes ? (config.image_mean ?? [0.5]) : [0];
  const deviation = normalizes ? (config.image_std ?? [0.5]) : [1];
  // EfficientNet's processor divides by the deviation a second time where the classifier is kept.
  const std = config.include_top ? deviation.map((value) => value * value) : deviation;
  if (config.do_rescale === false) return { range: "0..255", mean, std };
  const factor = 255 * (config.rescale_factor ?? 1 / 255);
  const offset = config.rescale_offset ? 1 : 0;
  const isUnit = Math.abs(factor - 1) < 1e-6 && offset === 0;
  if (isUnit) return { range: "0..1", mean, std };
  return {
    range: "0..1",
    mean: mean.map((value) => (value + offset) / factor),
    std: std.map((value) => value / factor),
  };
}
