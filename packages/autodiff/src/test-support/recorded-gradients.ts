// Gradients recorded from PyTorch (tools/reference/layer_gradients.py): one .onnx and one .json {x, seed, grad} per layer and
// exporter, in fixtures/pytorch-gradients.
import { readdirSync, readFileSync } from "node:fs";
import { canonicalize, parseModel } from "@snellen/graph";
import { differentiate } from "../differentiate.ts";
import { openModel, type Values } from "./run-model.ts";

const FOLDER = new URL("../fixtures/pytorch-gradients/", import.meta.url);

/** Names of all recorded layers, such as `conv_strided.dynamo`. */
export const recordedLayers = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".onnx"))
    .map((file) => file.slice(0, -".onnx".length))
    .sort();

export interface Comparison {
  readonly cosine: number;
  /** Largest |ours − PyTorch's|, relative to the largest |PyTorch's|. */
  readonly largestError: number;
}

/** Differentiates the recorded layer, runs it at the recorded input and compares the input gradient with PyTorch's. */
export async function compareWithRecorded(layer: string): Promise<Comparison> {
  const { x, seed, grad }: Record<"x" | "seed" | "grad", Values> = JSON.parse(
    readFileSync(new URL(`${layer}.json`, FOLDER), "utf8"),
  );
  const { model, shapes } = canonicalize(parseModel(readFileSync(new URL(`${layer}.onnx`, FOLDER))));
  const [input, output] = [model.graph.inputs[0]?.name ?? "", model.graph.outputs[0]?.name ?? ""];
  const derived = differentiate(model, shapes, { of: [output], wrt: [input] });
  const runnable = await openModel(derived.model);
  try {
    const outputs = await runnable.run({
      [input]: { dataType: "float32", ...x },
      [derived.seeds.get(output) ?? ""]: { dataType: "float32", ...seed },
    });
    return compare(outputs[derived.gradients.get(input) ?? ""]?.data ?? [], grad.data);
  } finally {
    await runnable.release();
  }
}

function compare(ours: readonly number[], theirs: readonly number[]): Comparison {
  const sum = (term: (i: number) => number) => theirs.reduce((total, _, i) => total + term(i), 0);
  const at = (i: number) => ours[i] ?? Number.NaN;
  const their = (i: number) => theirs[i] as number;
  const dot = sum((i) => at(i) * their(i));
  const norms = Math.sqrt(sum((i) => at(i) ** 2) * sum((i) => their(i) ** 2));
  const scale = Math.max(...theirs.map(Math.abs));
  return {
    cosine: dot / norms,
    largestError: Math.max(...theirs.map((t, i) => Math.abs(at(i) - t))) / scale,
  };
}
