// How large a network's effective field is, and whether it is a Gaussian at all, with how well either is known.
// Kim et al., arXiv:2108.13576, section 3; the ceiling is derived here.
import type { Accumulation } from "../../receptive-field/effective/accumulation.ts";
import type { FieldMap } from "../../receptive-field/effective/field-map.ts";
import {
  type FieldSummary,
  summarizeField,
  summaryContext,
} from "../../receptive-field/effective/field-summary.ts";
import { fitGaussian } from "../../receptive-field/size/gaussian-fit.ts";
import { meanSigma } from "../../receptive-field/size/mean-sigma.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { type Estimate, jackknife } from "../jackknife.ts";
import { type FieldPart, fieldOfParts, sumOfParts } from "./field-parts.ts";

/** Plain data; null where something is not known. */
export interface FieldSize
  extends Pick<FieldSummary, "layer" | "grid" | "converged" | "reason" | "sigmaX" | "sigmaY" | "notes"> {
  /** √(σ_X·σ_Y), pixels; null where the fit means nothing. */
  readonly sigma: Estimate | null;
  readonly r2: Estimate | null;
  /** The R² that a Gaussian could have at most, as what images still change in R is no part of it. */
  readonly ceiling: number | null;
  /** Rows and columns, pixels; null inside for the whole image. */
  readonly theoretical: readonly [number | null, number | null] | null;
  /** Standard error of R over its length. */
  readonly relativeError: number | null;
}

/** @param unit of the parts' plan that the layer is */
export function sizeOfField(
  info: DescribedModel,
  layer: FeatureLayer,
  parts: readonly FieldPart[],
  unit: number,
  accumulation: Accumulation,
): FieldSize {
  const { input } = info;
  const sum = sumOfParts(parts, unit, input.size);
  const map = fieldOfParts(parts, unit, input.size);
  const summary = summarizeField(layer, map, summaryContext(info, layer, accumulation, sum));
  const fits = new Map<number | undefined, ReturnType<typeof fitGaussian>>();
  const fit = (without: number | undefined) => {
    const known = fits.get(without) ?? fitGaussian(fieldOfParts(parts, unit, input.size, without));
    fits.set(without, known);
    return known;
  };
  const sigma = (without: number | undefined): number | undefined => {
    const found = fit(without);
    return found.converged ? (meanSigma(found) ?? undefined) : undefined;
  };
  const relativeError = sum.curve.at(-1)?.relativeError ?? null;
  const { layer: name, grid, converged, reason, sigmaX, sigmaY, notes, theoretical } = summary;
  return {
    layer: name,
    grid,
    converged,
    reason,
    sigmaX,
    sigmaY,
    notes,
    sigma: jackknife(parts.length, sigma) ?? null,
    r2: jackknife(parts.length, (without) => fit(without).r2) ?? null,
    ceiling: relativeError === null ? null : ceilingOf(map, relativeError),
    theoretical: theoretical?.size ?? null,
    relativeError,
  };
}

/** e²·ΣR² is the squared error of R summed over all pixels, which no smooth curve can follow. */
function ceilingOf({ values }: FieldMap, relativeError: number): number | null {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + v * v, 0);
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return variance > 0 ? Math.max(0, 1 - (relativeError ** 2 * squares) / variance) : null;
}
