// What "nothing" and "a little noise" are in a network's own units, so that a normalization inside the network (0 to 255 in)
// and one before it give the same measures. Derived here; for ImageNet's normalization they are the papers' 0 and 0.01.
import { channelCount, type PreprocessSpec } from "../../images/preprocess-spec.ts";

export interface InputUnits {
  /** Per channel, the value that stands for nothing. */
  readonly baseline: readonly number[];
  /** Per channel, the standard deviation of ROAD's noise. */
  readonly noise: readonly number[];
}

const RANGE_ENDS = { "0..1": [0, 1], "0..255": [0, 255], "-1..1": [-1, 1] } as const;

/** 0.01 standard deviations of ImageNet's pixels (0.225 of their range), as a share of the range. */
const NOISE = 0.01 * 0.225;

/**
 * Baseline: zero where pixels take values on both sides of it (it is then the mean that was subtracted, as in RISE and
 * pytorch-grad-cam), otherwise the middle of what pixels can be.
 */
export function inputUnits(spec: PreprocessSpec): InputUnits {
  const ends = Array.from({ length: channelCount(spec.channels) }, (_, c) => {
    const mean = spec.mean[c] ?? (spec.mean[0] as number);
    const std = spec.std[c] ?? (spec.std[0] as number);
    return RANGE_ENDS[spec.range].map((end) => (end - mean) / std) as [number, number];
  });
  return {
    baseline: ends.map(([low, high]) => (low < 0 && high > 0 ? 0 : (low + high) / 2)),
    noise: ends.map(([low, high]) => NOISE * (high - low)),
  };
}
