// A training that is ready to run: its graphs on the runtime, the state that it starts with, and what becomes of a state.
import type { Runtime, SessionOptions } from "../runtime/runtime.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { Batch, BatchSource } from "./batch.ts";
import { diagnose } from "./diagnose.ts";
import { evaluationGraph } from "./evaluation-graph.ts";
import { createEvaluator, type Evaluation } from "./evaluator.ts";
import { type TrainedModel, trainedModel } from "./trained-model.ts";
import { createTrainer, initialState, type Trainer, type TrainingState } from "./trainer.ts";
import { type TrainingGraph, type TrainingGraphOptions, trainingGraph } from "./training-graph.ts";

/** A training that is ready to run, and what becomes of its states. Dispose of it when done. */
export interface Training extends AsyncDisposable {
  readonly graph: TrainingGraph;
  readonly trainer: Trainer;
  /** Weights, or their moving average where one is kept, and statistics: copies, by the names of the weights' vectors. */
  keptOf(state: TrainingState): Map<string, Float32Array>;
  /** What `keptOf` gave, on other pictures, in inference form. */
  evaluate(
    kept: ReadonlyMap<string, Float32Array>,
    source: BatchSource,
    options: { readonly batch: number; readonly signal?: AbortSignal },
  ): Promise<Evaluation>;
  /** Where the numbers of a step stop being finite, as a sentence's end. @param step from 1 */
  diagnose(state: TrainingState, batch: Batch, step: number): Promise<string>;
  /** The network with what `keptOf` gave. */
  model(kept: ReadonlyMap<string, Float32Array>): TrainedModel;
}

/** What a training runs on. */
export interface TrainingContext {
  readonly runtime: Runtime;
  readonly session?: SessionOptions;
  /** Of what is left out at random while training; default 0. */
  readonly seed?: number;
}

/**
 * Builds the graphs of a training and opens them, in the state that the network's own weights give.
 * @param info with `options`, what `prepareTraining` gave
 * @throws UnsupportedError `no-gradient-rule` where an operator has no gradient; what the runtime throws
 */
export async function createTraining(
  info: DescribedModel,
  options: TrainingGraphOptions,
  { seed = 0, ...context }: TrainingContext,
): Promise<Training> {
  const graph = trainingGraph(info, options);
  const { optimizer, settings } = options;
  const ratesOf = (step: number) => optimizer.rates(settings, step);
  const trainer = await createTrainer(graph, initialState(info, graph), { ...context, ratesOf, seed });
  // made when it is first asked for: a training without validation has no use for it
  let evaluator: ReturnType<typeof createEvaluator> | undefined;
  const layouts = [...graph.weights, ...(graph.statistics === undefined ? [] : [graph.statistics])];
  const averageOf = new Map(graph.averages.map(({ name, of }) => [of, name]));
  const keptOf = (state: TrainingState): Map<string, Float32Array> =>
    new Map(
      layouts.map(({ name }) => [name, (state.get(averageOf.get(name) ?? name) as Float32Array).slice()]),
    );
  return {
    graph,
    trainer,
    keptOf,
    async evaluate(kept, source, evaluation) {
      evaluator ??= createEvaluator(evaluationGraph(info, options), context);
      return (await evaluator).evaluate(kept, source, evaluation);
    },
    diagnose: (state, batch, step) =>
      diagnose(info, options, { state, batch, noise: { seed, step }, ...context }),
    model: (kept) => trainedModel(info, layouts, kept),
    async [Symbol.asyncDispose]() {
      await trainer[Symbol.asyncDispose]();
      await (await evaluator)?.[Symbol.asyncDispose]();
    },
  };
}
