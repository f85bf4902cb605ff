// From a model and what is wanted of its training to the options of the graph: what trains, which of it is regularized, with which loss;
// and what must be refused before any work is done.
import { closest, ModelError, UsageError } from "@snellen/graph";
import { findNormalizations } from "../normalization/find-normalizations.ts";
import { foldedNormalization } from "../normalization/folded.ts";
import { positionCount } from "../vision-model/class-scores.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { loss as lossOf } from "./losses/index.ts";
import { type NoiseWishes, noisePlaces } from "./noise.ts";
import { optimizer as optimizerOf } from "./optimizers/index.ts";
import { ownParameters } from "./own-parameters.ts";
import { findTrainable, layerName, type Parameter } from "./parameters.ts";
import type { AuxiliaryLoss, ParameterGroup, TrainingGraphOptions } from "./training-graph.ts";

/** Which parameters are regularized: those of role `weight`, all, or those that a plan names beside the weights. */
export type Decayed = "weights" | "all" | ReadonlySet<string>;

/** What is wanted of a training; the rest follows from the model and the optimizer. */
export interface TrainingWishes extends NoiseWishes {
  /** Default: cross-entropy, of one score binary. */
  readonly loss?: string;
  /** Share of each target that is spread over all classes; default 0. */
  readonly labelSmoothing?: number;
  /** Default `sgd`. */
  readonly optimizer?: string;
  /** SGD's momentum or AdamW's β₁; default the optimizer's. */
  readonly momentum?: number;
  /** AdamW's β₂; default the optimizer's. */
  readonly secondMoment?: number;
  /** L2 regularization; default the optimizer's. */
  readonly decay?: number;
  /** Default `weights`. */
  readonly decayed?: Decayed;
  /** Patterns of parameters or layers that stay as they are; `*` stands for anything. */
  readonly freeze?: readonly string[];
  /** Patterns of those that train alone. */
  readonly only?: readonly string[];
  /** Batch normalizations go on with the statistics that they keep. */
  readonly keepStatistics?: boolean;
  /** Longest gradient over all parameters, to which longer ones are scaled down; default: they stay. */
  readonly clip?: number;
  /** Share of the old that a moving average of the weights keeps at each step; default none. */
  readonly average?: number;
  /** A value of the network that is added to the loss, and its weight. */
  readonly auxiliary?: AuxiliaryLoss;
}

/** What is trained and how, ready for `createTraining`. */
export interface PreparedTraining {
  /** What is trained: the given network, each layer with constants of its own. The options hold for it alone. */
  readonly info: DescribedModel;
  readonly options: TrainingGraphOptions;
  readonly parameters: readonly Parameter[];
  readonly frozen: readonly Parameter[];
}

/** Share of the old that kept statistics keep at each step, as PyTorch's momentum of 0.1 leaves. */
const STATISTICS_MOMENTUM = 0.9;

/**
 * Settles what trains, how it is regularized, by which optimizer and with which loss, and refuses what cannot be trained.
 * @throws UsageError `no-such-parameter`, `nothing-to-train`, `bad-loss`, `unknown-loss`, `unknown-optimizer`, `no-residual-blocks`,
 *   `no-scoring-layer`; ModelError `no-trainable-weights`, `dense-scores`
 */
export function prepareTraining(given: DescribedModel, wishes: TrainingWishes = {}): PreparedTraining {
  const info = ownParameters(given);
  const counted = [info.logits.value, ...(wishes.auxiliary === undefined ? [] : [wishes.auxiliary.value])];
  const found = findTrainable(info.model, info.shapes, ...counted);
  requireTrainable(info, found.parameters.length);
  const { trained, frozen } = chosen(found.parameters, wishes);
  const optimizer = optimizerOf(wishes.optimizer ?? "sgd");
  const { defaults } = optimizer;
  const statistics = wishes.keepStatistics
    ? []
    : found.statistics.filter(({ node }) => isTrained(node, trained));
  const options: TrainingGraphOptions = {
    groups: groupsOf(trained, wishes.decay ?? defaults.decay, wishes.decayed ?? "weights"),
    statistics,
    loss: fittingLoss(info, wishes.loss),
    lossOptions: { labelSmoothing: wishes.labelSmoothing ?? 0 },
    optimizer,
    settings: {
      momentum: wishes.momentum ?? defaults.momentum,
      secondMoment: wishes.secondMoment ?? defaults.secondMoment,
    },
    statisticsMomentum: STATISTICS_MOMENTUM,
    clip: wishes.clip,
    average: wishes.average,
    noise: noisePlaces(info, wishes),
    auxiliary: wishes.auxiliary,
  };
  return { info, options, parameters: trained, frozen };
}

function requireTrainable(info: DescribedModel, count: number): void {
  if (positionCount(info.logits) > 1)
    throw new ModelError(
      "dense-scores",
      "it scores every position, and training wants one class a picture.",
      {
        where: `output "${info.logits.output}"`,
        hint: "Name an output with one score a class with --output.",
      },
    );
  if (count > 0) return;
  const isQuantized = info.model.graph.nodes.some(({ opType }) => /Quantize|QLinear|Integer$/.test(opType));
  throw new ModelError("no-trainable-weights", "it has no floating-point weights on the way to its scores.", {
    hint: isQuantized
      ? "Its weights are quantized integers: train the floating-point model and quantize that."
      : "Export the model with its weights.",
  });
}

/** BatchNormalizations whose γ and β are both frozen keep their statistics too. */
const isTrained = (node: Parameter["layer"], trained: readonly Parameter[]): boolean =>
  trained.some(({ name }) => node.inputs.slice(1, 3).includes(name));

function chosen(
  parameters: readonly Parameter[],
  { freeze = [], only = [] }: TrainingWishes,
): { readonly trained: Parameter[]; readonly frozen: Parameter[] } {
  const names = parameters.flatMap((parameter) => [parameter.name, layerName(parameter)]);
  const matcher = (patterns: readonly string[], flag: string) => {
    const expressions = patterns.map((pattern) => ({ pattern, expression: wildcard(pattern) }));
    const idle = expressions.find(({ expression }) => !names.some((name) => expression.test(name)));
    if (idle !== undefined) throw noSuchParameter(idle.pattern, flag, names);
    return (parameter: Parameter): boolean =>
      expressions.some(
        ({ expression }) => expression.test(parameter.name) || expression.test(layerName(parameter)),
      );
  };
  const isFrozen = matcher(freeze, "--freeze");
  const isOnly = only.length === 0 ? () => true : matcher(only, "--only");
  const trained = parameters.filter((parameter) => isOnly(parameter) && !isFrozen(parameter));
  if (trained.length === 0)
    throw new UsageError("nothing-to-train", `all ${parameters.length} parameters are frozen.`, {
      where: "--freeze",
      hint: "Freeze fewer.",
    });
  return { trained, frozen: parameters.filter((parameter) => !trained.includes(parameter)) };
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );

const noSuchParameter = (pattern: string, flag: string, names: readonly string[]): UsageError =>
  new UsageError("no-such-parameter", `no parameter or layer is called "${pattern}".`, {
    where: flag,
    hint: `Did you mean "${closest(pattern, names)}"? * stands for anything; snellen inspect lists the layers.`,
  });

function groupsOf(trained: readonly Parameter[], decay: number, decayed: Decayed): ParameterGroup[] {
  const isDecayed = ({ name, role }: Parameter): boolean => {
    if (decayed === "all") return true;
    return role === "weight" || (decayed !== "weights" && decayed.has(name));
  };
  return [
    { parameters: trained.filter(isDecayed), decay },
    { parameters: trained.filter((parameter) => !isDecayed(parameter)), decay: 0 },
  ].filter(({ parameters }) => parameters.length > 0);
}

function fittingLoss({ logits }: DescribedModel, wanted: string | undefined): TrainingGraphOptions["loss"] {
  const isBinary = logits.classes === 1 || logits.skipped === "Sigmoid";
  const found = lossOf(wanted ?? (isBinary ? "binary" : "cross-entropy"));
  const refusal = found.refusal(logits.classes);
  if (refusal === undefined) return found;
  throw new UsageError("bad-loss", `${found.id} does not fit ${logits.classes} score: ${refusal}.`, {
    where: "--loss",
    hint: "Write --loss binary.",
  });
}

/** What somebody who trains it should know, in sentences. */
export function trainingNotes({ model, shapes }: DescribedModel): string[] {
  const { folded, how, advice } = foldedNormalization(model, shapes, findNormalizations(model, shapes));
  if (folded === 0) return [];
  const parts = ["Merged normalizations train as the convolutions that they are.", how, advice ?? ""];
  return [parts.join(" ").trim()];
}
