// A layer's field in numbers: size by a Gaussian, theoretical size, areas, profile and how well it is known: what `erf.json` holds.
// Sizes and R² as in Kim et al., arXiv:2108.13576, section 3; areas as in Ding et al., arXiv:2203.06717, section 4.1.
import { channelCount } from "../../images/preprocess-spec.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { type AreaRatio, areaRatios, logPicture } from "../size/area-ratios.ts";
import { fitGaussian, type GaussianFit, whyNoWidth } from "../size/gaussian-fit.ts";
import { meanSigma } from "../size/mean-sigma.ts";
import { type RadialProfile, radialProfile } from "../size/radial-profile.ts";
import { type FieldDescription, fieldDescription } from "../theoretical/receptive-field.ts";
import type { Accumulation } from "./accumulation.ts";
import { hasConstantMean } from "./constant-mean.ts";
import { type ConvergencePoint, convergencePoints } from "./convergence.ts";
import { centreCell } from "./field-graph.ts";
import type { FieldMap } from "./field-map.ts";
import type { Convergence, FieldSum } from "./field-sum.ts";

/** Plain data; null where something is not known. */
export interface FieldSummary {
  /** Value of the graph. */
  readonly layer: string;
  /** Rows and columns of its map. */
  readonly grid: readonly [number, number];
  readonly channels: number;
  /** Height and width of the network's input. */
  readonly input: readonly [number, number];
  /** Images. */
  readonly n: number;
  readonly accumulation: string;
  /** ΣR. */
  readonly sum: number;
  /** Whether the fit settled on a Gaussian that means something; else `reason` says why not. */
  readonly converged: boolean;
  readonly reason: string | null;
  /** Standard deviations along columns and rows, pixels. */
  readonly sigmaX: number | null;
  readonly sigmaY: number | null;
  readonly centreX: number | null;
  readonly centreY: number | null;
  /** Share of ΣR in the Gaussian, more than 1 where much of it lies outside of the image. */
  readonly amplitude: number | null;
  /** 1 − variance of the residual / variance of R. */
  readonly r2: number | null;
  readonly theoretical: FieldDescription | null;
  /** Where the central cell's theoretical field is centred, [row, column] in pixels; null where the walk lost it. */
  readonly expectedCentre: readonly [number, number] | null;
  /** Those that the accumulation's users know: linear ones, of `replknet` logarithmic ones. */
  readonly areaRatios: readonly AreaRatio[];
  /** Windows of R. */
  readonly linearAreaRatios: readonly AreaRatio[];
  /** Windows of log10(R + 1), R in RepLKNet's unit. */
  readonly logAreaRatios: readonly AreaRatio[];
  /** `within` has 1/8, 1/4 and 1/2 of the image's shorter side, then 1, 2 and 3 times √(σx·σy) where a Gaussian fits. */
  readonly profile: RadialProfile;
  readonly convergence: readonly ConvergencePoint[];
  /** What bears on reading it, in words. */
  readonly notes: readonly string[];
}

/** R in RepLKNet's unit. */
export const contributions = (
  map: FieldMap,
  accumulation: Accumulation,
  channels: number,
  colours: number,
): Float64Array => map.values.map((v) => v * accumulation.toSums(channels, colours));

/**
 * A layer's R in numbers: its size by a fitted Gaussian, its theoretical size, areas and profile.
 * @param map R of the layer's central cell
 */
export function summarizeField(
  layer: FeatureLayer,
  map: FieldMap,
  { accumulation, colours, convergence, isConstant = false }: SummaryContext,
): FieldSummary {
  const fit = fitGaussian(map);
  const [height, width] = map.dims;
  const centre = fit.converged ? ([fit.centreY, fit.centreX] as const) : middleOf(layer, map.dims);
  const logs = logPicture(contributions(map, accumulation, layer.channels, colours));
  const [linear, logarithmic] = [areaRatios(map.values, map.dims), areaRatios(logs, map.dims)];
  return {
    layer: layer.value,
    grid: layer.layout.grid,
    channels: layer.channels,
    input: [height, width],
    n: map.n,
    accumulation: accumulation.id,
    sum: map.values.reduce((total, v) => total + v, 0),
    converged: fit.converged,
    reason: isConstant ? `${CONSTANT}.` : (fit.reason ?? null),
    sigmaX: fit.sigmaX ?? null,
    sigmaY: fit.sigmaY ?? null,
    centreX: fit.centreX ?? null,
    centreY: fit.centreY ?? null,
    amplitude: fit.amplitude ?? null,
    r2: fit.r2 ?? null,
    theoretical: layer.field === undefined ? null : fieldDescription(layer.field),
    expectedCentre: layer.field === undefined ? null : middleOf(layer, map.dims),
    areaRatios: accumulation.hasLogAreas ? logarithmic : linear,
    linearAreaRatios: linear,
    logAreaRatios: logarithmic,
    profile: radialProfile(map, { centre, radii: radiiOf(map, fit) }),
    convergence: convergencePoints(convergence),
    notes: notesOn(layer, map, isConstant, whyNoWidth(fit)),
  };
}

/** What a summary must know beside the layer and R. */
export interface SummaryContext {
  readonly accumulation: Accumulation;
  /** Channels of the network's input. */
  readonly colours: number;
  /** Of the same sum. */
  readonly convergence: readonly Convergence[];
  /** Whether no pixel moves the layer's unit (`hasConstantMean`); default false. */
  readonly isConstant?: boolean;
}

/** @param curve of the same sum */
export const summaryContext = (
  info: DescribedModel,
  layer: FeatureLayer,
  accumulation: Accumulation,
  { curve }: Pick<FieldSum, "curve">,
): SummaryContext => ({
  accumulation,
  colours: channelCount(info.preprocessing.spec.channels),
  convergence: curve,
  isConstant: hasConstantMean(info, layer, accumulation),
});

const CONSTANT =
  "R is zero everywhere: LayerNormalization with the same γ for all channels makes the mean over channels a constant";

const SIDE_SHARES = [1 / 8, 1 / 4, 1 / 2];
const SIGMAS = [1, 2, 3];

/** Pixels, within which the share of ΣR is told. Those by the image's side are alike for all layers, so that layers compare. */
function radiiOf({ dims }: FieldMap, fit: GaussianFit): number[] {
  const sigma = fit.converged ? meanSigma(fit) : null;
  return [
    ...SIDE_SHARES.map((share) => share * Math.min(...dims)),
    ...(sigma === null ? [] : SIGMAS.map((k) => k * sigma)),
  ];
}

/** The central cell's centre; the image's middle where the walk lost it. */
function middleOf(layer: FeatureLayer, [height, width]: FieldMap["dims"]): readonly [number, number] {
  if (layer.field === undefined) return [(height - 1) / 2, (width - 1) / 2];
  const cell = centreCell(layer);
  const along = (axis: 0 | 1): number =>
    (layer.field?.[axis].centre ?? 0) + cell[axis] * (layer.field?.[axis].stride ?? 0);
  return [along(0), along(1)];
}

function notesOn(
  { field }: FeatureLayer,
  { dims, values }: FieldMap,
  isConstant: boolean,
  reason: string | undefined,
): string[] {
  const size = field?.map(({ start, end }) => end - start + 1);
  const isCut = size?.some((s, axis) => Number.isFinite(s) && s > (dims[axis] as number)) === true;
  return [
    ...(values.every((v) => v === 0)
      ? [
          isConstant
            ? `${CONSTANT}; choose a layer before it, or --accumulation replknet`
            : "R is zero everywhere: the cell's gradient is never positive, or what lies before it is dead or saturated",
        ]
      : []),
    ...(reason === undefined ? [] : [`the Gaussian is not to be relied on: ${reason.replace(/\.$/, "")}`]),
    ...(isCut
      ? [
          `the theoretical field (${size?.join("x")}) is larger than the input (${dims.join("x")}): R ends at the image's border, and so does what the Gaussian is fitted to`,
        ]
      : []),
  ];
}
