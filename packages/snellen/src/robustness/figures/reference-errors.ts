// Errors that corruption errors are measured against: AlexNet's on ImageNet-C (Hendrycks & Dietterich, ICLR 2019, arXiv:1903.12261;
// by severity in https://github.com/hendrycks/robustness/issues/10), so that a network as robust as AlexNet has an mCE of 1.

/** The fifteen corruptions that mCE is over, in ImageNet-C's order. */
const COMMON = {
  gaussian_noise: 0.886428,
  shot_noise: 0.894468,
  impulse_noise: 0.92264,
  defocus_blur: 0.81988,
  glass_blur: 0.826268,
  motion_blur: 0.785948,
  zoom_blur: 0.79836,
  snow: 0.866816,
  frost: 0.826572,
  fog: 0.819324,
  brightness: 0.564592,
  contrast: 0.853204,
  elastic_transform: 0.646056,
  pixelate: 0.71784,
  jpeg_compression: 0.6065,
} as const;

/** ImageNet-C's other four, which are no part of mCE. */
const VALIDATION = {
  speckle_noise: 0.845388,
  gaussian_blur: 0.787108,
  spatter: 0.717512,
  saturate: 0.658248,
} as const;

export const commonCorruptions: readonly string[] = Object.keys(COMMON);

/** Errors of a network under corruptions, each the mean over the severities. */
export interface ReferenceErrors {
  /** Whose errors they are. */
  readonly name: string;
  /** On what, and what follows. */
  readonly note: string;
  /** Share of clean pictures that it gets wrong, 0 to 1. */
  readonly clean: number;
  /** Share of corrupted pictures that it gets wrong, 0 to 1, by corruption. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * AlexNet (torchvision's weights) on the 50,000 pictures of ImageNet's validation set at 224 × 224, corrupted and then saved as
 * JPEG. On any other pictures an mCE from them is a scale that models can be compared on, and no more than that.
 */
export const ALEXNET_ERRORS: ReferenceErrors = {
  name: "AlexNet",
  note: "AlexNet's published errors on ImageNet-C: ImageNet's 50,000 validation pictures at 224 × 224, means over five severities. On other pictures they are only a scale.",
  clean: 0.4345,
  errors: { ...COMMON, ...VALIDATION },
};
