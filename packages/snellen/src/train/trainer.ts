// Runs training steps: the state goes in, the next state comes out into a second set of tensors, and the two change places. No memory is
// taken from step to step.
import { InternalError, serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { Runtime, Session, SessionOptions } from "../runtime/runtime.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { Batch } from "./batch.ts";
import { type NoiseInput, noiseOf } from "./noise.ts";
import type { TrainingGraph } from "./training-graph.ts";
import { packed } from "./vectors.ts";

/** All that a training changes, by the names of the graph's inputs. */
export type TrainingState = ReadonlyMap<string, Float32Array>;

/** What a step tells. */
export interface StepMetrics {
  /** Mean over the batch, before the update. */
  readonly loss: number;
  /** Pictures whose class was the highest score. */
  readonly correct: number;
  /** Of all parameters' gradients together, before clipping. */
  readonly gradientNorm: number;
}

export interface Trainer extends AsyncDisposable {
  /**
   * One step; where its loss or gradient is not finite, the state stays as it was.
   * @param rate learning rate
   * @param step from 1, for the optimizer's corrections
   */
  step(batch: Batch, rate: number, step: number): Promise<StepMetrics>;
  /** The present state; the arrays are overwritten by the second step from now. */
  state(): TrainingState;
  /** Copies a state in, such as a checkpoint's. @throws InternalError for another network's */
  restore(state: TrainingState): void;
}

/** The state that training starts with: the model's weights, and zeros for the optimizer's vectors. */
export function initialState(info: DescribedModel, graph: TrainingGraph): Map<string, Float32Array> {
  const { initializers } = info.model.graph;
  const state = new Map<string, Float32Array>();
  for (const layout of [...graph.weights, ...(graph.statistics === undefined ? [] : [graph.statistics])])
    state.set(
      layout.name,
      packed(layout, (name) => initializers.get(name)),
    );
  for (const { name, size } of graph.slots) state.set(name, new Float32Array(size));
  for (const { name, of } of graph.averages) state.set(name, (state.get(of) as Float32Array).slice());
  return state;
}

export interface TrainerOptions {
  readonly runtime: Runtime;
  readonly session?: SessionOptions;
  /** The optimizer's numbers at a step from 1. */
  readonly ratesOf: (step: number) => Readonly<Record<string, number>>;
  /** Of what is left out at random; default 0. */
  readonly seed?: number;
}

/** @throws what the runtime throws where the graph cannot be run */
export async function createTrainer(
  graph: TrainingGraph,
  initial: TrainingState,
  { runtime, session: sessionOptions, ratesOf, seed = 0 }: TrainerOptions,
): Promise<Trainer> {
  const session = await runtime.createSession({ bytes: serializeModel(graph.model) }, sessionOptions);
  const tensorsOf = (make: (values: Float32Array) => Float32Array) =>
    new Map(
      [...initial].map(([name, values]) => [name, new Tensor("float32", make(values), [values.length])]),
    );
  let current = tensorsOf((values) => values.slice());
  let spare = tensorsOf((values) => new Float32Array(values.length));
  return {
    async step(batch, rate, step) {
      const feeds = {
        ...batchFeeds(graph, batch),
        ...noiseFeeds(graph, batch, seed, step),
        [graph.rate]: number(rate),
        ...ratesFed(graph, ratesOf(step)),
        ...Object.fromEntries(current),
      };
      const metrics = await run(session, graph, feeds, spare);
      if (Number.isFinite(metrics.loss) && Number.isFinite(metrics.gradientNorm))
        [current, spare] = [spare, current];
      return metrics;
    },
    state: () => new Map([...current].map(([name, tensor]) => [name, tensor.data as Float32Array])),
    restore(state) {
      for (const [name, tensor] of current) {
        const values = state.get(name);
        if (values?.length !== tensor.size) throw new InternalError(`the state has no fitting "${name}"`);
        (tensor.data as Float32Array).set(values);
      }
    },
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

/** Pictures and their classes. */
export const batchFeeds = (
  { image, classes }: { readonly image: string; readonly classes: string },
  batch: Batch,
): Record<string, Tensor> => ({
  [image]: new Tensor("float32", batch.values, [...batch.dims]),
  [classes]: new Tensor("int32", batch.classes, [batch.classes.length]),
});

/** What the step leaves out. */
export function noiseFeeds(
  { noise }: { readonly noise: NoiseInput | undefined },
  { classes: { length } }: Batch,
  seed: number,
  step: number,
): Record<string, Tensor> {
  if (noise === undefined) return {};
  const values = noiseOf(noise, length, seed, step);
  return { [noise.name]: new Tensor("float32", values, [length, noise.rates.length]) };
}

const number = (value: number): Tensor => new Tensor("float32", Float32Array.of(value), []);

function ratesFed(
  { rates }: TrainingGraph,
  values: Readonly<Record<string, number>>,
): Record<string, Tensor> {
  return Object.fromEntries([...rates].map(([name, input]) => [input, number(values[name] as number)]));
}

async function run(
  session: Session,
  { next, metrics }: TrainingGraph,
  feeds: Readonly<Record<string, Tensor>>,
  into: ReadonlyMap<string, Tensor>,
): Promise<StepMetrics> {
  const state = [...next].map(([input, output]) => [output, into.get(input) as Tensor] as const);
  const told = Object.values(metrics).map((output) => [output, null] as const);
  const results = await session.run(feeds, Object.fromEntries([...state, ...told]));
  return {
    loss: numberOf(results, metrics.loss),
    correct: numberOf(results, metrics.correct),
    gradientNorm: numberOf(results, metrics.gradientNorm),
  };
}

/** The one number of an output. */
export const numberOf = (results: Readonly<Record<string, Tensor>>, output: string): number =>
  (results[output] as Tensor).data[0] as number;
