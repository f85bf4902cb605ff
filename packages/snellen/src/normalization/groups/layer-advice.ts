// What is known of one normalization's groups: the formula's gains, the measured ones, and the ideal by each.
// arXiv:2302.03193; methods.md §1.
import { nodeTitle } from "@snellen/graph";
import type { Normalization, NormalizationKind } from "../normalization.ts";
import type { FoundActivation } from "./activation-nodes.ts";
import { type Activation, activationOf, leakyRelu } from "./activations.ts";
import { type Convention, closedFormGain } from "./closed-form.ts";
import { candidateGroups } from "./divisors.ts";
import type { AffineChoice, Candidate } from "./gain-graph.ts";
import { nearestIsometry } from "./isometry.ts";
import type { LayerBlock } from "./layer-block.ts";
import type { MeasuredGain } from "./measure-gains.ts";

export interface GroupGain {
  readonly groups: number;
  /** Null outside the range of the formula, and where it diverges. */
  readonly closedForm: number | null;
  /** Null where it was not measured. */
  readonly measured: number | null;
  /** 95 % interval of `measured` over images; null for a single image. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface Ideal {
  readonly closedForm: number | null;
  readonly measured: number | null;
}

/** One normalization's gains for every number of groups, by formula and by measurement, and the ideal by each. Plain data. */
export interface LayerAdvice {
  readonly node: string;
  /** Path of the PyTorch module; a guess, null where no name tells. */
  readonly module: string | null;
  readonly form: string;
  readonly kind: NormalizationKind;
  readonly channels: number;
  /** Null for batch normalization. */
  readonly groups: number | null;
  /** Under the convention asked for. */
  readonly ideal: Ideal;
  readonly idealByConvention: { readonly [C in Convention]: Ideal };
  /**
   * The measured ideal, else that of the closed form; null where there is neither. Of a module that the network calls several
   * times, the one for the geometric mean of its gains.
   */
  readonly advised: number | null;
  /** Gains under the convention asked for. */
  readonly gains: readonly GroupGain[];
  /** Measured gain as the network is, and with the advised groups. */
  readonly gainNow: number | null;
  readonly gainThen: number | null;
  /** Scale and bias that gains were measured with; null where nothing was measured. */
  readonly affine: AffineChoice | null;
  readonly block: {
    readonly input: string;
    readonly output: string;
    readonly position: LayerBlock["position"];
    readonly activation: string;
    readonly inputActivation: string;
    readonly fanIn: number | null;
    readonly fanOut: number | null;
    readonly kernel: number | null;
    /** Elements that leave the block over those that enter it: gain by variance over gain by norm. */
    readonly sizeRatio: number;
  };
  readonly notes: readonly string[];
}

export interface BlockGains {
  readonly gains: readonly MeasuredGain[];
  /** γ is zero, as some initialize it, and lets no gradient through: the gains are those with γ = 1. */
  readonly isClosed: boolean;
  readonly affine: AffineChoice;
}

/** How a normalization's own groups are called among the candidates. */
const ownGroups = ({ kind, groups }: Normalization): Candidate =>
  kind === "batch" ? "as it is" : (groups ?? 1);

/** Numbers of groups that are tried for a block; first of all its own, as the network has it. */
export function candidatesOf({ normalization }: LayerBlock): Candidate[] {
  const own = ownGroups(normalization);
  return [own, ...candidateGroups(normalization.channels).filter((groups) => groups !== own)];
}

/** What turns a gain by norm into one by this convention. */
export const conventionFactor = (convention: Convention, sizeRatio: number): number =>
  convention === "variance" ? sizeRatio : 1;

/** @param found undefined where nothing was measured */
export function layerAdvice(
  block: LayerBlock,
  found: BlockGains | undefined,
  convention: Convention,
  module: string | null,
): LayerAdvice {
  const { normalization } = block;
  const gainsBy = {
    norm: groupGains(block, found, "norm"),
    variance: groupGains(block, found, "variance"),
  };
  const idealByConvention = { norm: idealOf(gainsBy.norm), variance: idealOf(gainsBy.variance) };
  const ideal = idealByConvention[convention];
  const advised = ideal.measured ?? ideal.closedForm;
  const gainAt = (candidate: Candidate | null): number | null => {
    const gain = found?.gains.find((g) => g.candidate === candidate)?.gain;
    return gain === undefined ? null : gain * conventionFactor(convention, sizeRatioOf(block));
  };
  return {
    node: nodeTitle(normalization.node),
    module,
    form: normalization.form,
    kind: normalization.kind,
    channels: normalization.channels,
    groups: normalization.kind === "batch" ? null : normalization.groups,
    ideal,
    idealByConvention,
    advised,
    gains: gainsBy[convention],
    gainNow: gainAt(ownGroups(normalization)),
    gainThen: gainAt(advised),
    affine: found?.affine ?? null,
    block: blockFacts(block),
    notes: layerNotes(block, found, gainAt(advised)),
  };
}

const sizeRatioOf = ({ outputSize, inputSize }: LayerBlock): number => outputSize / inputSize;

function blockFacts(block: LayerBlock): LayerAdvice["block"] {
  const { weight } = block;
  return {
    input: block.input,
    output: block.output,
    position: block.position,
    activation: titleOf(block.activation),
    inputActivation: titleOf(block.inputActivation),
    fanIn: weight?.fanIn ?? null,
    fanOut: weight?.fanOut ?? null,
    kernel: weight?.kernel ?? null,
    sizeRatio: sizeRatioOf(block),
  };
}

function groupGains(block: LayerBlock, found: BlockGains | undefined, convention: Convention): GroupGain[] {
  const factor = conventionFactor(convention, sizeRatioOf(block));
  const scaled = (value: number | null | undefined) => (value == null ? null : value * factor);
  return candidateGroups(block.normalization.channels).map((groups) => {
    const measured = found?.gains.find(({ candidate }) => candidate === groups);
    return {
      groups,
      closedForm: closedForm(block, groups, convention),
      measured: scaled(measured?.gain),
      low: scaled(measured?.low),
      high: scaled(measured?.high),
    };
  });
}

const idealOf = (gains: readonly GroupGain[]): Ideal => ({
  closedForm: nearestIsometry(gains.map(({ groups, closedForm }) => ({ groups, gain: closedForm }))),
  measured: nearestIsometry(gains.map(({ groups, measured }) => ({ groups, gain: measured }))),
});

/** A module that is called several times has one number of groups: that whose mean gain, by logarithm, is nearest to 1. */
export function withSharedModules(layers: readonly LayerAdvice[]): LayerAdvice[] {
  return layers.map((layer) => {
    const uses = layers.filter(({ module }) => module !== null && module === layer.module);
    if (uses.length < 2) return layer;
    const meanBy = (of: "measured" | "closedForm"): number | null =>
      nearestIsometry(
        layer.gains.map(({ groups }, i) => ({
          groups,
          gain: meanGain(uses.map((use) => use.gains[i]?.[of])),
        })),
      );
    const advised = meanBy("measured") ?? meanBy("closedForm");
    return {
      ...layer,
      advised,
      gainThen: layer.gains.find(({ groups }) => groups === advised)?.measured ?? null,
      notes: [
        ...layer.notes,
        `is called ${uses.length} times: G = ${advised} is advised for the mean of its gains.`,
      ],
    };
  });
}

/** Geometric mean; null where one of them is not known. */
function meanGain(gains: readonly (number | null | undefined)[]): number | null {
  const logs = gains.map((gain) => (gain == null || gain <= 0 ? Number.NaN : Math.log(gain)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return Number.isNaN(mean) ? null : Math.exp(mean);
}

const titleOf = (activation: FoundActivation | "none"): string =>
  activation === "none" ? "none" : activation.title;

/** The registry's function; undefined for one that it does not hold. */
function knownActivation(activation: FoundActivation | "none"): Activation | undefined {
  if (activation === "none") return activationOf("none");
  if (activation.slope !== undefined) return leakyRelu(activation.slope);
  return activation.id === undefined ? undefined : activationOf(activation.id);
}

/** Gain by the formula, which takes the block's input for a normalized one; null outside its range. */
function closedForm(block: LayerBlock, groups: number, convention: Convention): number | null {
  const { weight, normalization, position, positions, inputSize, outputSize } = block;
  const activation = knownActivation(block.activation);
  const inputActivation = knownActivation(block.inputActivation);
  if (weight === undefined || activation === undefined || inputActivation === undefined) return null;
  const { gain, isValid } = closedFormGain({
    groups,
    channels: normalization.channels,
    fanIn: Math.max(1, weight.fanIn),
    fanOut: Math.max(1, weight.fanOut),
    kernelPositions: weight.kernel,
    stride: Math.sqrt(weight.stride),
    sizeRatio: outputSize / inputSize,
    activation,
    inputActivation,
    position,
    spatial: Math.round(positions),
    convention,
  });
  return isValid ? gain : null;
}

/** From what factor on a gain is far from 1. */
const FAR = 2;

function layerNotes(block: LayerBlock, found: BlockGains | undefined, gainThen: number | null): string[] {
  const { normalization, weight, activation, inputActivation, isInputNormalized } = block;
  const { channels, kind } = normalization;
  const unknown = [activation, inputActivation].find((a) => knownActivation(a) === undefined);
  const notes: string[] = [];
  if (candidateGroups(channels).length <= 2 && channels > 2)
    notes.push(`${channels} channels are a prime number: only 1 group or one a channel divide them.`);
  if (weight === undefined)
    notes.push("follows no weight layer, so no formula speaks of it: measured alone.");
  else if (unknown !== undefined)
    notes.push(`the formula does not know the activation ${titleOf(unknown)}: measured alone.`);
  else if (!isInputNormalized)
    notes.push("the formula takes the block's input for a normalized one, which it is not here.");
  if (found?.isClosed === true)
    notes.push("its scale is 0, which lets no gradient through: measured with a scale of 1.");
  if (gainThen !== null && (gainThen > FAR || gainThen < 1 / FAR))
    notes.push(
      "no number of groups brings its gain near 1, as its weights, its scale or what it reads are far from unit variance: the advised one is the least bad.",
    );
  if (kind === "batch") notes.push("its gain now is that of its kept statistics.");
  return notes;
}
