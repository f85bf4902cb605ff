// Where a training's numbers stopped being finite: the first layer of the step whose output is not, or the parameter whose gradient is not.
import {
  createBuilder,
  type GraphBuilder,
  inferShapes,
  removeDead,
  serializeModel,
  withGraph,
} from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { Runtime, SessionOptions } from "../runtime/runtime.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { Batch } from "./batch.ts";
import { layerName } from "./parameters.ts";
import { batchFeeds, noiseFeeds, type TrainingState } from "./trainer.ts";
import { gradientGraph, type TrainingGraphOptions, weightVectors } from "./training-graph.ts";
import { fromVectors } from "./vectors.ts";

/** A sentence's end, such as `first in the output of layer "conv1"`. */
export async function diagnose(
  info: DescribedModel,
  options: TrainingGraphOptions,
  {
    state,
    batch,
    noise,
    runtime,
    session: sessionOptions,
  }: {
    readonly state: TrainingState;
    readonly batch: Batch;
    /** As the step was fed it. */
    readonly noise: { readonly seed: number; readonly step: number };
    readonly runtime: Runtime;
    readonly session?: SessionOptions;
  },
): Promise<string> {
  const parameters = options.groups.flatMap((group) => group.parameters);
  const layouts = weightVectors(options.groups);
  for (const { name, parts } of layouts) {
    const vector = state.get(name) as Float32Array;
    const bad = parts.find(
      ({ offset, size }) => !vector.subarray(offset, offset + size).every(Number.isFinite),
    );
    if (bad !== undefined) return `"${bad.name}" grew beyond what numbers hold`;
  }
  if (!batch.values.every(Number.isFinite)) return "the pictures' own values are not finite";
  const graph = gradientGraph(info, options);
  const { model, gradients, scored } = graph;
  const vectorized = fromVectors(withGraph(model, { outputs: [] }), layouts);
  const b = createBuilder(vectorized, inferShapes(vectorized));
  const inOrder = [...parameters].sort((p, q) => nodeIndex(info, p) - nodeIndex(info, q));
  const layers = [...new Set(inOrder.map(({ layer }) => layer))];
  const outputs = layers.map((layer) => layer.outputs[0] as string);
  const slopes = inOrder.map(({ name }) => gradients.get(name) as string);
  const ofLayers = b.output(spoiled(b, outputs), "finite.layers");
  const ofGradients = b.output(spoiled(b, slopes), "finite.gradients");
  const session = await runtime.createSession(
    { bytes: serializeModel(removeDead(b.build())) },
    sessionOptions,
  );
  try {
    const vectors = layouts.map(({ name, size }) => [
      name,
      new Tensor("float32", state.get(name) as Float32Array, [size]),
    ]);
    const feeds = {
      ...batchFeeds({ image: info.input.name, classes: scored.classes }, batch),
      ...noiseFeeds(graph, batch, noise.seed, noise.step),
      ...Object.fromEntries(vectors),
    };
    const results = await session.run(feeds, [ofLayers, ofGradients]);
    const first = values(results[ofLayers]).findIndex(Number.isNaN);
    const layer = layers[first];
    if (layer !== undefined) return `first in the output of layer "${layerName({ layer })}"`;
    // gradients go backwards, so that the one nearest to the scores is the first
    const last = values(results[ofGradients]).findLastIndex(Number.isNaN);
    const parameter = inOrder[last];
    return parameter === undefined ? "in the loss itself" : `first in the gradient of "${parameter.name}"`;
  } finally {
    await session.dispose();
  }
}

const nodeIndex = ({ model }: DescribedModel, { layer }: { readonly layer: unknown }): number =>
  model.graph.nodes.indexOf(layer as (typeof model.graph.nodes)[number]);

const values = (tensor: Tensor | undefined): Float32Array => tensor?.data as Float32Array;

/** Zero times the sum of each value's numbers, [values]. */
function spoiled(b: GraphBuilder, values: readonly string[]): string {
  const each = values.map((value) => {
    const flat = b.op("Reshape", [value, b.ints([-1])]);
    return b.op("ReduceSum", [b.op("Mul", [flat, b.scalar(0)]), b.ints([0])], { keepdims: 1 });
  });
  return each.length === 1 ? (each[0] as string) : b.op("Concat", each, { axis: 0 });
}
