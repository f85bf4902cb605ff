// Loss and accuracy of a training's present state on other pictures.
import { serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { Runtime, SessionOptions } from "../runtime/runtime.ts";
import type { BatchSource } from "./batch.ts";
import { batchesOf } from "./batches.ts";
import type { EvaluationGraph } from "./evaluation-graph.ts";
import { batchFeeds, numberOf, type TrainingState } from "./trainer.ts";

/** Loss and accuracy of a training's state on pictures. */
export interface Evaluation {
  /** Mean over the pictures, without label smoothing. */
  readonly loss: number;
  /** 0 to 1. */
  readonly accuracy: number;
  /** Pictures evaluated. */
  readonly n: number;
}

export interface Evaluator extends AsyncDisposable {
  evaluate(
    state: TrainingState,
    source: BatchSource,
    options: { readonly batch: number; readonly signal?: AbortSignal },
  ): Promise<Evaluation>;
}

export async function createEvaluator(
  graph: EvaluationGraph,
  { runtime, session: options }: { readonly runtime: Runtime; readonly session?: SessionOptions },
): Promise<Evaluator> {
  const session = await runtime.createSession({ bytes: serializeModel(graph.model) }, options);
  return {
    async evaluate(state, source, { batch: size, signal }) {
      const vectors = graph.reads.map((name): [string, Tensor] => {
        const values = state.get(name) as Float32Array;
        return [name, new Tensor("float32", values, [values.length])];
      });
      const all = Array.from({ length: source.pictures.count }, (_, i) => i);
      const sums = { loss: 0, correct: 0, n: 0 };
      for await (const batch of batchesOf(source, all, { size, epoch: undefined, signal })) {
        const feeds = { ...batchFeeds(graph, batch), ...Object.fromEntries(vectors) };
        const results = await session.run(feeds);
        const n = batch.classes.length;
        sums.loss += n * numberOf(results, graph.metrics.loss);
        sums.correct += numberOf(results, graph.metrics.correct);
        sums.n += n;
      }
      return { loss: sums.loss / sums.n, accuracy: sums.correct / sums.n, n: sums.n };
    },
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}
