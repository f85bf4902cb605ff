// Finds normalizations in graphs written as text, or read from a file's bytes, and runs them.
import { readFileSync } from "node:fs";
import {
  addOutputs,
  canonicalize,
  elementCount,
  type Model,
  parseGraphText,
  parseModel,
  raisePrecision,
  type Shapes,
  serializeModel,
  tensorNumbers,
} from "@snellen/graph";
import * as ort from "onnxruntime-node";
import { expandFusedNormalizations, findNormalizations } from "../find-normalizations.ts";
import type { Normalization } from "../normalization.ts";

export interface Found {
  readonly model: Model;
  readonly shapes: Shapes;
  readonly normalizations: readonly Normalization[];
}

/** @param body nodes; `x` is the input, `y` the output, constants are declared before */
export function findIn(x: string, constants: string, body: string, opset = 18, domains = ""): Found {
  const others = domains === "" ? "" : `, "${domains}" : 1`;
  return findInModel(
    parseGraphText(
      `<ir_version: 10, opset_import: ["" : ${opset}${others}]>\ng (${x} x) => (y)${constants === "" ? "" : ` <${constants}>`} {\n${body}\n}`,
    ),
  );
}

export const findInFile = (path: string): Found => findInModel(parseModel(readFileSync(path)));

export function findInModel(original: Model): Found {
  const { model, shapes } = canonicalize(raisePrecision(original));
  return { model, shapes, normalizations: findNormalizations(model, shapes) };
}

/** The same with fused normalizations taken apart. */
export function findExpanded(found: Found): Found {
  const { model, shapes } = expandFusedNormalizations(found.model, found.shapes);
  return { model, shapes, normalizations: findNormalizations(model, shapes) };
}

export interface Values {
  readonly dims: readonly number[];
  readonly numbers: readonly number[];
}

/** Values of the graph for two images of seeded noise, by ONNX Runtime without optimizations. */
export async function valuesIn(model: Model, names: readonly string[]): Promise<Map<string, Values>> {
  const inner = names.filter((name) => !model.graph.outputs.some((o) => o.name === name));
  const isInput = (name: string) => model.graph.inputs.some((i) => i.name === name);
  const wanted = addOutputs(model, [...new Set(inner.filter((name) => !isInput(name)))]);
  const session = await ort.InferenceSession.create(serializeModel(wanted), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const [input] = model.graph.inputs;
  const dims = (input?.dims ?? []).map((d) => (typeof d === "number" ? d : 2));
  const noise = Float32Array.from(
    { length: elementCount(dims) },
    (_, i) => 2 * Math.sin(12.9898 * i * i + i) + 0.3,
  );
  const feeds = { [input?.name ?? ""]: new ort.Tensor("float32", noise, dims) };
  const results = await session.run(
    feeds,
    names.filter((name) => !isInput(name)),
  );
  await session.release();
  return new Map(
    names.map((name) => {
      const { data, dims: own } = isInput(name) ? (feeds[name] as ort.Tensor) : (results[name] as ort.Tensor);
      return [name, { dims: own, numbers: Array.from(data as Float32Array) }];
    }),
  );
}

/** The numbers of a constant of the model, wherever it is computed. */
export async function constantIn(model: Model, name: string | null): Promise<readonly number[] | undefined> {
  if (name === null) return undefined;
  const tensor = model.graph.initializers.get(name);
  return tensor === undefined ? (await valuesIn(model, [name])).get(name)?.numbers : tensorNumbers(tensor);
}

/** A constant for graph text: `float[2,3] name = {…}` with distinct numbers around a middle. */
export const numbers = (name: string, dims: readonly number[], middle = 1): string => {
  const values = Array.from({ length: elementCount(dims) }, (_, i) => middle + 0.05 * (((i * 7) % 11) - 5));
  return `float[${dims}] ${name} = {${values.map((v) => v.toFixed(3))}}`;
};
