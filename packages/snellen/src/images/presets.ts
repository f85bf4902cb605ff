// Named ways to turn pixels into a network's input, as the published training recipes do it.
// Numbers: torchvision's ImageNet references, TensorFlow's Inception preprocessing, OpenAI's CLIP.
import type { PreprocessSpec } from "./preprocess-spec.ts";

/** What a preset decides; size, layout and data type are the model's. */
export interface Preset {
  readonly description: string;
  readonly spec: Pick<PreprocessSpec, "resize" | "interpolation" | "range" | "mean" | "std">;
  /** Share of the resized picture's short side that the centre crop keeps. */
  readonly cropRatio: number;
}

const zero = [0, 0, 0] as const;
const one = [1, 1, 1] as const;
const half = [0.5, 0.5, 0.5] as const;

/** Preprocessings of published training recipes, by name. */
export const presets = {
  imagenet: {
    description: "torchvision and most of timm: 0..1, ImageNet mean and standard deviation",
    spec: {
      resize: "crop",
      interpolation: "bilinear",
      range: "0..1",
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    cropRatio: 0.875,
  },
  inception: {
    description: "Inception, MobileNet of TensorFlow, ViT of Google: -1..1",
    spec: { resize: "crop", interpolation: "bicubic", range: "0..1", mean: half, std: half },
    cropRatio: 0.875,
  },
  clip: {
    description: "CLIP and its descendants: 0..1, CLIP's mean and standard deviation, no margin",
    spec: {
      resize: "crop",
      interpolation: "bicubic",
      range: "0..1",
      mean: [0.48145466, 0.4578275, 0.40821073],
      std: [0.26862954, 0.26130258, 0.27577711],
    },
    cropRatio: 1,
  },
  unit: {
    description: "0..1, no normalization",
    spec: { resize: "crop", interpolation: "bilinear", range: "0..1", mean: zero, std: one },
    cropRatio: 0.875,
  },
  none: {
    description: "0..255, no normalization (the network scales its input itself)",
    spec: { resize: "crop", interpolation: "bilinear", range: "0..255", mean: zero, std: one },
    cropRatio: 0.875,
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

export const presetNames = Object.keys(presets) as readonly PresetName[];
