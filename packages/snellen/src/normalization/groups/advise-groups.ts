// Which number of groups each normalization of a network should have, by closed form and by measurement on its own graph.
// arXiv:2302.03193; methods.md §1.
import { createBuilder } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { ancestors } from "../../vision-model/score-parts.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { expandFusedNormalizations, findNormalizations } from "../find-normalizations.ts";
import { foldedNormalization } from "../folded.ts";
import { moduleNames } from "../naming/module-names.ts";
import type { Normalization, NormalizationKind } from "../normalization.ts";
import type { Convention } from "./closed-form.ts";
import { divisors } from "./divisors.ts";
import type { AffineChoice } from "./gain-graph.ts";
import { spreadOf } from "./isometry.ts";
import { gradientLengths } from "./isometry-profile.ts";
import {
  type BlockGains,
  candidatesOf,
  conventionFactor,
  type LayerAdvice,
  layerAdvice,
  withSharedModules,
} from "./layer-advice.ts";
import { type LayerBlock, layerBlocks } from "./layer-block.ts";
import { type MeasuredGain, measureGains } from "./measure-gains.ts";
import { residualGains } from "./residual-gains.ts";
import type { GroupEdit } from "./rewrite-groups.ts";

/** Gradient lengths through the whole network, for one choice of groups. */
export interface ProfileCurve {
  readonly name: string;
  /** Layer index → ‖∂L/∂x‖. */
  readonly lengths: readonly number[];
  /**
   * Standard deviation over the layers of the length's natural logarithm, by variance of the length per element; 0 is isometric.
   * Null for a single layer, and where no gradient arrives.
   */
  readonly spread: number | null;
}

/** Gain of a residual block, skip and branch together, under the convention asked for. */
export interface BlockAdvice {
  /** Its Add. */
  readonly node: string;
  readonly input: string;
  readonly output: string;
  readonly gainNow: number;
  readonly gainThen: number;
  /** 95 % interval of `gainNow` over images; null for a single image. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Advised numbers of groups for all normalizations, and what they do to the gradient (arXiv:2302.03193). Plain data. */
export interface GroupAdvice {
  readonly convention: Convention;
  /** What the gains were measured on; null where nothing was measured. */
  readonly inputs: { readonly kind: "images" | "gaussian"; readonly count: number } | null;
  readonly layers: readonly LayerAdvice[];
  readonly blocks: readonly BlockAdvice[];
  readonly profile: {
    /** Nodes of the layers whose inputs the lengths are at. */
    readonly nodes: readonly string[];
    readonly curves: readonly ProfileCurve[];
  };
  readonly notes: readonly string[];
}

/** For which normalizations groups are advised, and what makes a number of groups ideal. */
export interface AdviseOptions {
  /** What is made isometric; default `DEFAULT_CONVENTION`. */
  readonly convention?: Convention;
  /** Advises for batch normalizations too, were they group normalizations. */
  readonly convertBatchNorm?: boolean;
  /** γ and β that gains are measured with; default the network's own. */
  readonly affine?: AffineChoice;
  /** Of the gradients that are sent back. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with the share done of a step, 0 to 1. */
  readonly onProgress?: (step: "gains" | "profile" | "blocks", done: number) => void;
}

/** Until training experiments have decided it: the definition of the gain itself. */
export const DEFAULT_CONVENTION: Convention = "norm";

/** What people try before they measure. */
const FIXED_GROUPS = 32;

/** Images to measure on, and what they are. */
export interface MeasuredOn {
  readonly kind: "images" | "gaussian";
  readonly images: readonly ImageInput[];
}

/** A layer's advice beside the graph that it is about. */
export interface AdvisedBlock {
  readonly block: LayerBlock;
  readonly advice: LayerAdvice;
}

/**
 * Advises for every normalization whose groups can be chosen: group, instance and whole-map layer normalization, and batch
 * normalization where it is to be replaced.
 * @param on run through the network; undefined: closed forms alone
 * @throws UnsupportedError `no-gradient-rule` where the network cannot be differentiated; what running throws
 */
export async function adviseLayers(
  model: VisionModel,
  on: MeasuredOn | undefined,
  options: AdviseOptions = {},
): Promise<AdvisedBlock[]> {
  const { convention = DEFAULT_CONVENTION } = options;
  const network = unfused(model);
  const blocks = groupedBlocks(network.info, options);
  const gains = on === undefined ? undefined : await gainsOf(network, blocks, on.images, options);
  const { original, model: graph } = network.info;
  const modules = moduleNames(
    original,
    graph,
    blocks.map(({ normalization }) => normalization),
  );
  const advices = withSharedModules(
    blocks.map((block, i) => layerAdvice(block, gains?.[i], convention, modules[i] ?? null)),
  );
  return blocks.map((block, i) => ({ block, advice: advices[i] as LayerAdvice }));
}

/**
 * The same network without activations and sums that ONNX Runtime fused into normalizations: what `adviseLayers` looks at, and
 * its blocks belong to. The same object where there are none.
 */
export function unfused(model: VisionModel): VisionModel {
  const { info } = model;
  const expanded = expandFusedNormalizations(info.model, info.shapes);
  return expanded.model === info.model ? model : model.altered({ ...info, ...expanded }, "unfused");
}

/** Blocks of the normalizations whose groups can be chosen, of an `unfused` network. */
export function groupedBlocks(
  { model, shapes }: DescribedModel,
  options: Pick<AdviseOptions, "convertBatchNorm"> = {},
): LayerBlock[] {
  const all = findNormalizations(model, shapes);
  return layerBlocks(model, shapes, all).filter(({ normalization }) => hasGroups(normalization, options));
}

/**
 * The advice for all layers, and what it does to the gradient through the whole network.
 * @throws what `adviseLayers` throws
 */
export async function adviseGroups(
  model: VisionModel,
  on: MeasuredOn | undefined,
  options: AdviseOptions = {},
): Promise<GroupAdvice> {
  const { convention = DEFAULT_CONVENTION } = options;
  const advised = await adviseLayers(model, on, options);
  const network = unfused(model);
  const profile =
    on === undefined ? { nodes: [], curves: [] } : await profileOf(network, advised, on.images, options);
  const blocks = on === undefined ? [] : await blocksOf(network, advised, on.images, options);
  const layers = advised.map(({ advice }) => advice);
  return {
    convention,
    inputs: on === undefined ? null : { kind: on.kind, count: on.images.length },
    layers,
    blocks,
    profile,
    notes: groupNotes(model.info, layers, options),
  };
}

/** Whether somebody could choose the number of groups. */
export const hasGroups = (
  { kind, acrossPositions }: Normalization,
  { convertBatchNorm = false }: Pick<AdviseOptions, "convertBatchNorm">,
): boolean =>
  kind === "group" ||
  kind === "instance" ||
  (kind === "layer" && acrossPositions) ||
  (kind === "batch" && convertBatchNorm);

/** Gains with the network's own γ; with γ = 1 where that lets no gradient through. */
async function gainsOf(
  model: VisionModel,
  blocks: readonly LayerBlock[],
  images: readonly ImageInput[],
  { affine = "own", seed, signal, onProgress }: AdviseOptions,
): Promise<BlockGains[]> {
  const affineOf = ({ normalization }: LayerBlock): AffineChoice =>
    normalization.kind === "batch" ? "own" : affine;
  const shared = { candidates: candidatesOf, seed, signal };
  const own = await measureGains(model, blocks, images, {
    ...shared,
    affine: affineOf,
    onProgress: (done) => onProgress?.("gains", done),
  });
  const isClosed = (gains: readonly MeasuredGain[]): boolean => gains.every(({ gain }) => gain === 0);
  const closed = blocks.filter((_, i) => affine === "own" && isClosed(own[i] as MeasuredGain[]));
  const unit = await measureGains(model, closed, images, { ...shared, affine: () => "unit" });
  return blocks.map((block, i) => {
    const at = closed.indexOf(block);
    return {
      gains: (at < 0 ? own[i] : unit[at]) as MeasuredGain[],
      isClosed: at >= 0,
      affine: at >= 0 ? "unit" : affineOf(block),
    };
  });
}

const editsOf = (advised: readonly AdvisedBlock[]): GroupEdit[] =>
  advised.flatMap(({ block, advice }) =>
    advice.advised === null ? [] : [{ normalization: block.normalization, groups: advice.advised }],
  );

async function blocksOf(
  model: VisionModel,
  advised: readonly AdvisedBlock[],
  images: readonly ImageInput[],
  { convention = DEFAULT_CONVENTION, seed, signal, onProgress }: AdviseOptions,
): Promise<BlockAdvice[]> {
  const gains = await residualGains(model, editsOf(advised), images, {
    seed,
    signal,
    onProgress: (done) => onProgress?.("blocks", done),
  });
  return gains.map(({ node, input, output, now, advised: changed, sizeRatio }) => {
    const factor = conventionFactor(convention, sizeRatio);
    const scaled = (value: number | null) => (value === null ? null : value * factor);
    return {
      node,
      input,
      output,
      gainNow: now.gain * factor,
      gainThen: changed.gain * factor,
      low: scaled(now.low),
      high: scaled(now.high),
    };
  });
}

/** Lengths at the inputs of all layers that the scores depend on, for the network as it is and four choices of groups. */
async function profileOf(
  model: VisionModel,
  advised: readonly AdvisedBlock[],
  images: readonly ImageInput[],
  { convention = DEFAULT_CONVENTION, seed, signal, onProgress }: AdviseOptions,
): Promise<GroupAdvice["profile"]> {
  const { info } = model;
  const behind = ancestors(createBuilder(info.model, info.shapes), info.logits.value);
  const kept = advised.filter(({ block }) => behind.has(block.input));
  const at = [...new Map(kept.map((found) => [found.block.input, found])).values()];
  if (at.length === 0) return { nodes: [], curves: [] };
  const curves: ProfileCurve[] = [];
  for (const { name, choose } of CHOICES) {
    const edits = advised.flatMap((found) => {
      const groups = choose(found);
      return groups === null ? [] : [{ normalization: found.block.normalization, groups }];
    });
    const values = at.map(({ block }) => block.input);
    const lengths = await gradientLengths(model, values, edits, images, { seed, signal });
    const logs = lengths.map((length, i) =>
      length > 0
        ? Math.log(length) - Math.log(conventionFactor(convention, at[i]?.block.inputSize ?? 1)) / 2
        : null,
    );
    curves.push({ name, lengths, spread: logs.length < 2 ? null : spreadOf(logs) });
    onProgress?.("profile", curves.length / CHOICES.length);
  }
  return { nodes: at.map(({ advice }) => advice.node), curves };
}

/** Null: as the network has it. */
const CHOICES: readonly { readonly name: string; readonly choose: (of: AdvisedBlock) => number | null }[] = [
  { name: "as it is", choose: () => null },
  { name: "advised", choose: ({ advice }) => advice.advised },
  { name: `G = ${FIXED_GROUPS}`, choose: ({ advice }) => largestDivisor(advice.channels, FIXED_GROUPS) },
  { name: "G = 1", choose: () => 1 },
  { name: "G = C", choose: ({ advice }) => advice.channels },
];

/** The largest divisor up to a limit. */
const largestDivisor = (channels: number, limit: number): number =>
  divisors(channels).findLast((d) => d <= limit) ?? 1;

/**
 * What the advice does not speak of, and why there is none: some sentences each.
 * @param layers those that it speaks of
 */
export function groupNotes(
  { model, shapes }: DescribedModel,
  layers: readonly LayerAdvice[],
  { convertBatchNorm = false }: Pick<AdviseOptions, "convertBatchNorm"> = {},
): string[] {
  const all = findNormalizations(model, shapes);
  const named = (kind: NormalizationKind, title: string): string[] => {
    const n = all.filter((norm) => norm.kind === kind && !hasGroups(norm, { convertBatchNorm })).length;
    return n === 0 ? [] : [`${n} ${title} ${n === 1 ? "normalization" : "normalizations"}`];
  };
  const [single, batch] = [[...named("layer", "layer"), ...named("rms", "RMS")], named("batch", "batch")];
  const notes = layers.length === 0 ? ["There is no normalization with groups to choose."] : [];
  if (single.length > 0)
    notes.push(`Without groups, as statistics are of single positions: ${single.join(", ")}.`);
  if (batch.length > 0) notes.push(`Left as they are: ${batch}; --convert-batchnorm advises for them too.`);
  const folded = foldedNormalization(model, shapes, all);
  if (folded.folded > 0 || (layers.length === 0 && folded.advice !== null))
    notes.push(
      `${[folded.how, folded.advice ?? ""].join(" ").trim()} Then --convert-batchnorm advises for it.`,
    );
  return notes;
}
