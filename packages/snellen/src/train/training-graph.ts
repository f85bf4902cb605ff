// A training step as one ONNX graph: forward in training mode, loss, gradients of every parameter, update. Weights, the optimizer's
// vectors and kept statistics go in as flat vectors and come out as the next ones. Derived here, on our own autodiff.
import { differentiate } from "@snellen/autodiff";
import {
  BATCH,
  createBuilder,
  type GraphBuilder,
  inferShapes,
  type Model,
  makeTensor,
  removeDead,
  withGraph,
} from "@snellen/graph";
import { classScores } from "../vision-model/class-scores.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import { type BatchStatistics, inTrainingMode } from "./batch-normalization.ts";
import type { Loss, LossOptions } from "./losses/loss.ts";
import { type NoiseInput, type NoisePlace, withNoise } from "./noise.ts";
import type { Optimizer, OptimizerSettings } from "./optimizers/optimizer.ts";
import type { KeptStatistics, Parameter } from "./parameters.ts";
import { asInputs, fromVectors, layOut, type VectorLayout } from "./vectors.ts";

/** Parameters that are updated alike. */
export interface ParameterGroup {
  readonly parameters: readonly Parameter[];
  /** L2 regularization. */
  readonly decay: number;
}

export interface AuxiliaryLoss {
  readonly value: string;
  readonly weight: number;
}

export interface TrainingGraphOptions {
  readonly groups: readonly ParameterGroup[];
  /** BatchNormalizations that train; others go on with what they keep. */
  readonly statistics: readonly KeptStatistics[];
  readonly loss: Loss;
  readonly lossOptions: LossOptions;
  /** What is left out at random while training; default nothing. */
  readonly noise?: readonly NoisePlace[];
  /** A further loss: a value of the model's graph with one number a batch, such as a distance from a teacher's features. */
  readonly auxiliary?: AuxiliaryLoss;
  readonly optimizer: Optimizer;
  readonly settings: OptimizerSettings;
  /** Longest gradient over all parameters; longer ones are scaled down to it (Pascanu et al. 2013). */
  readonly clip?: number;
  /** Share of the old that a moving average of the weights keeps at each step; none without it. */
  readonly average?: number;
  /** Share of the old that kept statistics keep at each step. */
  readonly statisticsMomentum: number;
}

/** What a step is fed and gives, by the names of graph inputs and outputs. */
export interface TrainingGraph {
  readonly model: Model;
  readonly image: string;
  /** int32 [N]. */
  readonly classes: string;
  /** Learning rate, one number; and the optimizer's own. */
  readonly rate: string;
  readonly rates: ReadonlyMap<string, string>;
  readonly noise: NoiseInput | undefined;
  /** Vectors of the weights, one a group. */
  readonly weights: readonly VectorLayout[];
  /** Kept means and variances. */
  readonly statistics: VectorLayout | undefined;
  /** Vectors that start as zeros: the optimizer's. */
  readonly slots: readonly { readonly name: string; readonly size: number }[];
  /** Vectors that start as the weights: their moving average. */
  readonly averages: readonly { readonly name: string; readonly of: string; readonly size: number }[];
  /** State input → the output that is its next value. */
  readonly next: ReadonlyMap<string, string>;
  /** Mean loss of the batch, number of pictures with the right class, length of the gradient: one number each. */
  readonly metrics: { readonly loss: string; readonly correct: string; readonly gradientNorm: string };
}

/**
 * Builds it for pictures that the model takes and one class each.
 * @throws what `differentiate` throws: an operator on the way has no gradient rule
 */
export function trainingGraph(info: DescribedModel, options: TrainingGraphOptions): TrainingGraph {
  return withUpdate(info, gradientGraph(info, options), options);
}

/** Forward in training mode, loss and gradients, with parameters as inputs of their own. */
interface GradientGraph {
  readonly model: Model;
  /** Parameter → the output that holds its gradient. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly batch: readonly BatchStatistics[];
  readonly noise: NoiseInput | undefined;
  readonly scored: Scored;
}

export function gradientGraph(info: DescribedModel, options: TrainingGraphOptions): GradientGraph {
  const names = new Set(options.groups.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const training = inTrainingMode(info.model, info.shapes, options.statistics);
  const { model, noise } = withNoise(training.model, options.noise ?? []);
  const forward = asInputs(model, names);
  const b = createBuilder(withGraph(forward, { outputs: [] }), inferShapes(forward));
  const scored = b.scoped("loss", () => withAuxiliary(b, addLoss(b, info, options), options.auxiliary));
  const batch = training.statistics;
  const kept = batch.flatMap(({ mean, variance }) => [mean, variance]);
  for (const value of [scored.loss, scored.correct, ...kept]) b.output(value);
  const wrt = [...names];
  const gradient = differentiate(removeDead(b.build()), b.shapes, { of: [scored.loss], wrt, seed: "ones" });
  return { model: gradient.model, gradients: gradient.gradients, batch, noise, scored };
}

interface Scored {
  readonly classes: string;
  /** Mean over the batch, a scalar. */
  readonly loss: string;
  readonly correct: string;
}

/** From the scores on: targets of the classes, the mean loss, and how many are right. */
export function addLoss(
  b: GraphBuilder,
  { logits }: Pick<DescribedModel, "logits">,
  { loss, lossOptions }: Pick<TrainingGraphOptions, "loss" | "lossOptions">,
): Scored {
  const scores = classScores(b, logits);
  const classes = b.input("classes", "int32", [BATCH]);
  const column = b.op("Unsqueeze", [classes, b.ints([1])]);
  const isOne = logits.classes === 1;
  const known = Array.from({ length: logits.classes }, (_, i) => (isOne ? 1 : i));
  const row = b.tensor(makeTensor("int32", [1, known.length], known), "known");
  const isClass = b.op("Equal", [column, row]);
  const targets = smoothed(b, b.op("Cast", [isClass], { to: 1 }), lossOptions.labelSmoothing, logits.classes);
  const each = loss.add(b, scores, targets);
  return {
    classes,
    loss: b.op("ReduceMean", [each, b.ints([0])], { keepdims: 0 }),
    correct: numberRight(b, scores, classes, isOne),
  };
}

function withAuxiliary(b: GraphBuilder, scored: Scored, auxiliary: AuxiliaryLoss | undefined): Scored {
  if (auxiliary === undefined) return scored;
  const { value, weight } = auxiliary;
  return { ...scored, loss: b.op("Add", [scored.loss, b.op("Mul", [value, b.scalar(weight)])]) };
}

function smoothed(b: GraphBuilder, targets: string, share: number, classes: number): string {
  if (share === 0) return targets;
  const even = share / Math.max(2, classes);
  return b.op("Add", [b.op("Mul", [targets, b.scalar(1 - share)]), b.scalar(even)]);
}

function numberRight(b: GraphBuilder, scores: string, classes: string, isOne: boolean): string {
  const predicted = isOne
    ? b.op("Cast", [b.op("Squeeze", [b.op("Greater", [scores, b.scalar(0)]), b.ints([1])])], { to: 6 })
    : b.op("Cast", [b.op("ArgMax", [scores], { axis: 1, keepdims: 0 })], { to: 6 });
  const right = b.op("Cast", [b.op("Equal", [predicted, classes])], { to: 1 });
  return b.op("ReduceSum", [right, b.ints([0])], { keepdims: 0 });
}

/** Vectors for parameters, and the optimizer behind their gradients. */
function withUpdate(
  info: DescribedModel,
  { model, gradients: gradientOf, batch, noise, scored }: GradientGraph,
  options: TrainingGraphOptions,
): TrainingGraph {
  const weights = weightVectors(options.groups);
  const vectorized = fromVectors(withGraph(model, { outputs: [] }), weights);
  const b = createBuilder(vectorized, inferShapes(vectorized));
  const next = new Map<string, string>();
  const keep = (input: string, value: string): void => {
    // under its own name: another would be a copy
    next.set(input, b.output(value));
  };
  const gradients = weights.map(({ parts }) =>
    b.scoped("update", () =>
      flattened(
        b,
        parts.map(({ name }) => gradientOf.get(name) as string),
      ),
    ),
  );
  const statistics = statisticsVector(info, options.statistics);
  if (statistics !== undefined)
    b.scoped("statistics", () => {
      const input = b.input(statistics.name, "float32", [statistics.size]);
      const now = batch.flatMap(({ mean, variance }) => [mean, variance]);
      keep(input, moved(b, input, b.op("Concat", now, { axis: 0 }), options.statisticsMomentum));
    });
  const { norm, ...updated } = b.scoped("update", () => addUpdate(b, weights, gradients, options, keep));
  const metrics = {
    loss: b.output(scored.loss, "step.loss"),
    correct: b.output(scored.correct, "step.correct"),
    gradientNorm: b.output(norm, "step.gradientNorm"),
  };
  const { classes } = scored;
  const image = info.input.name;
  const built = { model: removeDead(b.build()), image, classes, noise };
  return { ...built, weights, statistics, next, metrics, ...updated };
}

/** Adds the optimizer of each group. */
function addUpdate(
  b: GraphBuilder,
  weights: readonly VectorLayout[],
  gradients: readonly string[],
  { groups, optimizer, settings, clip, average }: TrainingGraphOptions,
  keep: (input: string, value: string) => void,
): Pick<TrainingGraph, "rate" | "rates" | "slots" | "averages"> & { readonly norm: string } {
  const rate = b.input("rate", "float32", []);
  const rates = new Map(
    Object.keys(optimizer.rates(settings, 1)).map((name) => [name, b.input(name, "float32", [])]),
  );
  const norm = b.op("Sqrt", [
    gradients.map((g) => squaredLength(b, g)).reduce((a, c) => b.op("Add", [a, c])),
  ]);
  const slots: { name: string; size: number }[] = [];
  const averages: { name: string; of: string; size: number }[] = [];
  groups.forEach(({ decay }, i) => {
    const { name, size } = weights[i] as VectorLayout;
    const own = optimizer.slots.map((slot) => b.input(`${slot}.${i}`, "float32", [size]));
    slots.push(...own.map((slot) => ({ name: slot, size })));
    const updated = optimizer.update(b, settings, {
      weights: name,
      gradient:
        clip === undefined ? (gradients[i] as string) : clipped(b, gradients[i] as string, norm, clip),
      slots: own,
      rate,
      given: (wanted) => rates.get(wanted) as string,
      decay,
    });
    keep(name, updated.weights);
    for (const [k, slot] of own.entries()) keep(slot, updated.slots[k] as string);
    if (average === undefined) return;
    const input = b.input(`average.${i}`, "float32", [size]);
    averages.push({ name: input, of: name, size });
    keep(input, moved(b, input, updated.weights, average));
  });
  return { rate, rates, slots, averages, norm };
}

/** One vector a group. */
export const weightVectors = (groups: readonly ParameterGroup[]): VectorLayout[] =>
  groups.map((group, i) => layOut(`weights.${i}`, group.parameters));

/** Means and variances in the order of `statistics`; undefined where none train. */
export const statisticsVector = (
  { model }: Pick<DescribedModel, "model">,
  statistics: readonly KeptStatistics[],
): VectorLayout | undefined =>
  statistics.length === 0
    ? undefined
    : layOut(
        "statistics",
        statistics
          .flatMap(({ mean, variance }) => [mean, variance])
          .map((name) => ({ name, dims: model.graph.initializers.get(name)?.dims ?? [] })),
      );

function flattened(b: GraphBuilder, gradients: readonly string[]): string {
  const flat = gradients.map((gradient) =>
    b.rank(gradient) === 1 ? gradient : b.op("Reshape", [gradient, b.ints([-1])]),
  );
  return flat.length === 1 ? (flat[0] as string) : b.op("Concat", flat, { axis: 0 });
}

const squaredLength = (b: GraphBuilder, vector: string): string =>
  b.op("ReduceSumSquare", [vector, b.ints([0])], { keepdims: 0 });

/** PyTorch's: never longer than before, and nothing divided by zero. */
function clipped(b: GraphBuilder, gradient: string, norm: string, longest: number): string {
  const share = b.op("Div", [b.scalar(longest), b.op("Add", [norm, b.scalar(1e-6)])]);
  return b.op("Mul", [gradient, b.op("Min", [b.scalar(1), share])]);
}

const moved = (b: GraphBuilder, old: string, now: string, keep: number): string =>
  b.op("Add", [b.op("Mul", [old, b.scalar(keep)]), b.op("Mul", [now, b.scalar(1 - keep)])]);
