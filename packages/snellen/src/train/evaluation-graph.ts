// The network as it infers, with the weights and statistics of a training under way: how good they are on other pictures, without a
// model of their own.
import { createBuilder, inferShapes, type Model, removeDead, withGraph } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import { addLoss, statisticsVector, type TrainingGraphOptions, weightVectors } from "./training-graph.ts";
import { asInputs, fromVectors } from "./vectors.ts";

/** What it is fed beside the state's vectors, and what it gives: names of inputs and outputs. */
export interface EvaluationGraph {
  readonly model: Model;
  readonly image: string;
  readonly classes: string;
  /** Vectors of the state that it reads. */
  readonly reads: readonly string[];
  readonly metrics: { readonly loss: string; readonly correct: string };
}

export function evaluationGraph(
  info: DescribedModel,
  options: Pick<TrainingGraphOptions, "groups" | "statistics" | "loss">,
): EvaluationGraph {
  const statistics = statisticsVector(info, options.statistics);
  const layouts = [...weightVectors(options.groups), ...(statistics === undefined ? [] : [statistics])];
  const names = new Set(layouts.flatMap(({ parts }) => parts.map(({ name }) => name)));
  const forward = fromVectors(asInputs(info.model, names), layouts);
  const b = createBuilder(withGraph(forward, { outputs: [] }), inferShapes(forward));
  const { loss, correct, classes } = b.scoped("loss", () =>
    addLoss(b, info, { loss: options.loss, lossOptions: { labelSmoothing: 0 } }),
  );
  const metrics = { loss: b.output(loss, "loss"), correct: b.output(correct, "correct") };
  return {
    model: removeDead(b.build()),
    image: info.input.name,
    classes,
    reads: layouts.map(({ name }) => name),
    metrics,
  };
}
