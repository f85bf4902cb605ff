// Small vision models for tests, written as text: the first graph input is the image, all others become seeded weights.
import { elementCount, type Model, makeTensor, parseGraphText } from "@snellen/graph";
import { createNodeRuntime } from "../../node/runtime.ts";
import { type DescribeOptions, describeModel } from "../describe.ts";
import { createVisionModel, type VisionModel } from "../vision-model.ts";

/** Deterministic numbers in [-1, 1). */
export function noise(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  };
}

/** Parses a model; weights are uniform noise scaled by their fan-in, so that no activation dies or explodes. */
export function textModel(text: string, seed = 1): Model {
  const model = parseGraphText(text);
  const [image, ...weights] = model.graph.inputs;
  const next = noise(seed);
  const initializers = new Map(model.graph.initializers);
  for (const { name, dataType = "float32", dims = [] } of weights) {
    const sizes = dims as number[];
    const fanIn = sizes.length < 2 ? 1 : elementCount(sizes) / Math.max(sizes[0] ?? 1, 1);
    const values = Array.from({ length: elementCount(sizes) }, () => next() * Math.sqrt(3 / fanIn));
    initializers.set(name, makeTensor(dataType, sizes, values));
  }
  return { ...model, graph: { ...model.graph, inputs: image === undefined ? [] : [image], initializers } };
}

/** A text model ready to run on one thread. */
export function openTextModel(text: string, options: DescribeOptions = {}): VisionModel {
  return openModelData(textModel(text), options);
}

/** A model in memory ready to run on one thread. */
export const openModelData = (model: Model, options: DescribeOptions = {}): VisionModel =>
  createVisionModel(describeModel(model, options), {
    runtime: createNodeRuntime(),
    home: { location: "model.onnx", weights: {} },
    session: { threads: 1 },
  });
