// The oracle of the shape functions: every value of a small model, inferred and computed by ONNX Runtime.
// Rows of the tests are models in ONNX's text syntax.
import { expect } from "vitest";
import { type Model, withGraph } from "../../model.ts";
import { parseGraphText } from "../../parse-text.ts";
import { serializeModel } from "../../protobuf.ts";
import { makeTensor, type Tensor, tensorNumbers } from "../../tensor.ts";
import { inferShapes } from "../shapes.ts";
import type { ValueType } from "../value-type.ts";
import { runWithOnnxRuntime } from "./onnxruntime.ts";

export type Inferred = Map<string, ValueType | undefined>;

/** Types of every node's outputs, inferred and as ONNX Runtime computes them on inputs of ones. */
export async function inferAndRun(model: Model): Promise<{ inferred: Inferred; computed: Inferred }> {
  const { graph } = model;
  const names = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
  const types = inferShapes(model).probes[0] as ReadonlyMap<string, ValueType>;
  const outputs = names.map((name) => ({ name, dataType: undefined, dims: undefined }));
  const feeds = new Map(graph.inputs.map(({ name }) => [name, ones(types.get(name) as ValueType)]));
  const bytes = serializeModel(withGraph(model, { outputs }));
  const results = await runWithOnnxRuntime(bytes, feeds, names);
  return {
    inferred: new Map(names.map((name) => [name, types.get(name)])),
    computed: new Map(names.map((name) => [name, typeOf(results.get(name) as Tensor)])),
  };
}

const ones = ({ dataType, dims }: ValueType): Tensor => {
  const count = dims.reduce((n, d) => n * d, 1);
  return makeTensor(dataType, dims, new Uint8Array(count).fill(1));
};

const typeOf = (tensor: Tensor): ValueType => ({
  dataType: tensor.dataType,
  dims: tensor.dims,
  value: tensorNumbers(tensor),
});

/** Expects type and dimensions of every value to be inferred, and to be those of the run; contents too where known. */
export async function agreesWithRuntime(text: string): Promise<void> {
  const { inferred, computed } = await inferAndRun(parseGraphText(text));
  for (const [name, type] of inferred) {
    const found = computed.get(name) as ValueType;
    const seen = type?.value === undefined ? { dataType: found.dataType, dims: found.dims } : found;
    expect({ [name]: type }).toEqual({ [name]: seen });
  }
}

/** As `agreesWithRuntime`, and expects the contents of every value to be known. */
export async function agreesOnContents(text: string): Promise<void> {
  const { inferred, computed } = await inferAndRun(parseGraphText(text));
  expect(Object.fromEntries(inferred)).toEqual(Object.fromEntries(computed));
}
