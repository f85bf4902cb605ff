// ONNX Runtime as the oracle of passes: a model before and after must give the same outputs on seeded random inputs.
import { expect } from "vitest";
import { elementCount, type Model, makeTensor, type Tensor, tensorNumbers } from "../../index.ts";
import { parseGraphText } from "../../parse-text.ts";
import { serializeModel } from "../../protobuf.ts";
import { runWithOnnxRuntime } from "../../shapes/test-support/onnxruntime.ts";

/** Parses a graph written for the given operator set. */
export const graphAt = (opset: number, text: string, domains = ""): Model =>
  parseGraphText(`<ir_version: 8, opset_import: ["" : ${opset}${domains && `, ${domains}`}]>\n${text}`);

/** Deterministic numbers in [-1, 1), none of them near 0. */
export function noise(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const x = (state / 2 ** 32) * 2 - 1;
    return Math.abs(x) < 0.05 ? x + 0.1 : x;
  };
}

/** Random values for every graph input; symbolic dimensions become `batch`. */
export function randomFeeds(model: Model, batch: number, seed = 1): Map<string, Tensor> {
  const next = noise(seed);
  const inputs = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
  return new Map(
    inputs.map(({ name, dims, dataType = "float32" }) => {
      const sizes = (dims ?? []).map((d) => (typeof d === "number" ? d : batch));
      const draw = dataType === "float32" ? next : () => Math.floor(Math.abs(next()) * 4);
      return [name, makeTensor(dataType, sizes, Array.from({ length: elementCount(sizes) }, draw))];
    }),
  );
}

export const run = (model: Model, feeds: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Tensor>> =>
  runWithOnnxRuntime(
    serializeModel(model),
    feeds,
    model.graph.outputs.map((v) => v.name),
  );

export const isSymbolic = (model: Model): boolean =>
  model.graph.inputs.some((v) => v.dims?.some((d) => typeof d !== "number"));

/** Asserts that both models give the same outputs, at two batch sizes when the batch is symbolic. */
export async function expectSameOutputs(before: Model, after: Model, tolerance = 1e-6): Promise<void> {
  for (const batch of isSymbolic(before) ? [2, 3] : [1]) {
    const feeds = randomFeeds(before, batch);
    const [expected, actual] = [await run(before, feeds), await run(after, feeds)];
    for (const [name, tensor] of expected) expectClose(actual.get(name), tensor, tolerance, name);
  }
}

export function expectClose(
  actual: Tensor | undefined,
  expected: Tensor,
  tolerance: number,
  name = "",
): void {
  if (actual === undefined) throw new Error(`no output "${name}"`);
  expect([actual.dataType, actual.dims], name).toEqual([expected.dataType, expected.dims]);
  const [a, b] = [tensorNumbers(actual), tensorNumbers(expected)];
  const scale = Math.max(1e-3, ...b.map(Math.abs).filter(Number.isFinite));
  const worst = Math.max(
    0,
    ...a.map((x, i) => (Object.is(x, b[i]) ? 0 : Math.abs(x - (b[i] as number)) / scale)),
  );
  expect(worst, `${name}: [${a.slice(0, 6)}] against [${b.slice(0, 6)}]`).toBeLessThanOrEqual(tolerance);
}

/** Operators of the graph in order. */
export const opTypes = (model: Model): string[] =>
  model.graph.nodes.map((n) => (n.domain === "" ? n.opType : `${n.domain}.${n.opType}`));
