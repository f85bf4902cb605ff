// The dead pixel test in numbers: how uneven neighbouring pixels of a score's R are, by which stride, and which layers do it.
// Kim et al., arXiv:2108.13576, sections 4 and 5; phases, weak shares and spectra are derived here.
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ConvergencePoint, convergencePoints } from "../effective/convergence.ts";
import type { FieldMap } from "../effective/field-map.ts";
import type { Convergence } from "../effective/field-sum.ts";
import { deadPixelIndices } from "./dead-pixel-indices.ts";
import { type PhaseMap, phaseMap } from "./phase-map.ts";
import { type SpectrumPeak, strideSpectrum } from "./stride-spectrum.ts";
import { type UnevenSampling, unevenSampling } from "./uneven-sampling.ts";
import { untrainedPadding } from "./untrained-padding.ts";
import { type WeakPixels, weakPixels } from "./weak-pixels.ts";

/** A peak stands out from a background, so that it has one. */
interface KnownPeak extends SpectrumPeak {
  readonly background: number;
  readonly ratio: number;
}

const isKnownPeak = (found: SpectrumPeak): found is KnownPeak =>
  found.isPeak && found.background !== undefined && found.ratio !== undefined;

/** Plain data; null where something is not known. */
export interface DeadPixelSummary {
  /** Height and width of the network's input. */
  readonly input: readonly [number, number];
  /** Images. */
  readonly n: number;
  /** Mean |first| and |second| differences of R, as published. */
  readonly L1: number;
  readonly L2: number;
  /** The same over the mean of R, so that models compare. */
  readonly L1Normalized: number | null;
  readonly L2Normalized: number | null;
  /** Mean of R. */
  readonly mean: number;
  /** [rows, columns] of each layer's step in pixels that is more than one, finest first. */
  readonly strides: readonly (readonly [number, number])[];
  /** One a stride. */
  readonly phaseMaps: readonly PhaseMap[];
  /** Share of pixels below half of their local median. */
  readonly weakShare: number;
  readonly weak: WeakPixels;
  /** Peaks at the strides' frequencies, strongest first. */
  readonly peaks: readonly KnownPeak[];
  /** Share of ΣR in the central half of rows and columns; 0.25 where R is the same everywhere. */
  readonly centralShare: number | null;
  /** Layers that read some pixels more often than others. */
  readonly offenders: readonly UnevenSampling[];
  /** Convolutions whose kernels were padded and not trained since. */
  readonly padded: readonly string[];
  readonly convergence: readonly ConvergencePoint[];
}

/**
 * The dead pixel test in numbers.
 * @param map R of a score
 * @param convergence how well R was known after some images, of the same sum
 * @throws UsageError `field-too-small` below 3 × 3 pixels
 */
export function summarizeDeadPixels(
  info: DescribedModel,
  map: FieldMap,
  convergence: readonly Convergence[],
): DeadPixelSummary {
  const { l1, l2, l1Normalized, l2Normalized } = deadPixelIndices(map);
  const strides = stridesOf(info);
  const weak = weakPixels(map, strides.at(-1) ?? 1);
  return {
    input: map.dims,
    n: map.n,
    L1: l1,
    L2: l2,
    L1Normalized: l1Normalized ?? null,
    L2Normalized: l2Normalized ?? null,
    mean: map.values.reduce((sum, v) => sum + v, 0) / map.values.length,
    strides,
    phaseMaps: strides.map((stride) => phaseMap(map, stride)).filter((found) => found !== undefined),
    weakShare: weak.share,
    weak,
    peaks: strideSpectrum(map, strides)
      .filter((found) => isKnownPeak(found))
      .sort((a, b) => b.power - a.power),
    centralShare: centralShare(map),
    offenders: unevenSampling(info),
    padded: untrainedPadding(info),
    convergence: convergencePoints(convergence),
  };
}

/** Steps of all layers that are whole numbers of pixels, more than one, and fit the input a few times. */
function stridesOf({ layers: { layers }, input }: DescribedModel): (readonly [number, number])[] {
  const found = new Map<string, readonly [number, number]>();
  for (const { field } of layers) {
    if (field === undefined) continue;
    const stride = [field[0].stride, field[1].stride] as const;
    const isPeriod = stride.every(
      (side, axis) => Number.isInteger(side) && 2 * side <= (input.size[axis] as number),
    );
    if (isPeriod && Math.max(...stride) > 1) found.set(stride.join(), stride);
  }
  return [...found.values()].sort((a, b) => a[0] * a[1] - b[0] * b[1]);
}

/** Rows and columns from a quarter to three quarters of the image. */
function centralShare({ values, dims: [height, width] }: FieldMap): number | null {
  const isCentral = (i: number, size: number): boolean => i + 0.5 >= size / 4 && i + 0.5 < (3 * size) / 4;
  let [central, pixels, sum] = [0, 0, 0];
  values.forEach((v, i) => {
    sum += v;
    if (!isCentral(Math.floor(i / width), height) || !isCentral(i % width, width)) return;
    central += v;
    pixels++;
  });
  // of sizes that four does not divide, the half is not quite a half
  return sum > 0 && pixels > 0 ? (central / sum) * (values.length / 4 / pixels) : null;
}
