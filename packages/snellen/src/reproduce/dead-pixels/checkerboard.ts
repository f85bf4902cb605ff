// The dead pixel test of one network with how well its numbers are known, and whether a checkerboard shows: a peak of R's
// spectrum at a stride's frequency, whichever part of the images is left out. Kim et al., arXiv:2108.13576, sections 4 and 5.
import { deadPixelIndices } from "../../receptive-field/dead-pixels/dead-pixel-indices.ts";
import {
  type DeadPixelSummary,
  summarizeDeadPixels,
} from "../../receptive-field/dead-pixels/dead-pixel-summary.ts";
import { phaseMap } from "../../receptive-field/dead-pixels/phase-map.ts";
import { type SpectrumPeak, strideSpectrum } from "../../receptive-field/dead-pixels/stride-spectrum.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type Estimate, jackknife } from "../jackknife.ts";
import { type FieldPart, fieldOfParts, sumOfParts } from "./field-parts.ts";

/** Plain data; null where something is not known. */
export interface Checkerboard
  extends Pick<DeadPixelSummary, "L1" | "L2" | "L2Normalized" | "weakShare" | "strides" | "offenders"> {
  readonly L1Normalized: Estimate | null;
  /** Share of pixels without any influence. */
  readonly deadShare: number;
  /** The finest stride that is more than one both ways, pixels; null where nothing strides. */
  readonly finest: readonly [number, number] | null;
  /** Of the phases under it, highest − lowest over the mean of R. */
  readonly contrast: Estimate | null;
  /** The strongest peak at a stride's frequency; null for none. */
  readonly peak: SpectrumPeak | null;
  /** Of as many looks as there are parts, and one at all of them, those that showed a peak. */
  readonly looks: { readonly withPeak: number; readonly all: number };
  /** Whether lines hold a stride often enough for its frequency to be told from its neighbours'. */
  readonly canShow: boolean;
  /** Standard error of R over its length. */
  readonly relativeError: number | null;
}

/** @param unit of the parts' plan that is the score */
export function checkerboardOf(
  info: DescribedModel,
  parts: readonly FieldPart[],
  unit: number,
): Checkerboard {
  const { size } = info.input;
  const { curve } = sumOfParts(parts, unit, size);
  const field = (without?: number) => fieldOfParts(parts, unit, size, without);
  const { L1, L2, L2Normalized, weakShare, weak, strides, offenders, peaks } = summarizeDeadPixels(
    info,
    field(),
    curve,
  );
  const spectra = [undefined, ...parts.keys()].map((without) => strideSpectrum(field(without), strides));
  // a slice of rows, then one of columns, is no stride of its own
  const finest = strides.find((sides) => sides.every((side) => side > 1)) ?? strides[0];
  return {
    L1,
    L2,
    L2Normalized,
    weakShare,
    strides,
    offenders,
    L1Normalized: jackknife(parts.length, (without) => deadPixelIndices(field(without)).l1Normalized) ?? null,
    deadShare: weak.deadShare,
    finest: finest ?? null,
    contrast:
      finest === undefined
        ? null
        : (jackknife(parts.length, (without) => phaseMap(field(without), finest)?.contrast) ?? null),
    peak: peaks[0] ?? null,
    looks: {
      withPeak: spectra.filter((spectrum) => spectrum.some(({ isPeak }) => isPeak)).length,
      all: spectra.length,
    },
    canShow: spectra[0]?.some(({ ratio }) => ratio !== undefined) === true,
    relativeError: curve.at(-1)?.relativeError ?? null,
  };
}
