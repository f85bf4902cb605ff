// Networks with what ten steps of PyTorch made of them. Recorded by tools/reference/training_steps.py.
import { readFileSync } from "node:fs";
import { type Tensor as ConstantTensor, parseModel, tensorValues } from "@snellen/graph";
import { type DescribedModel, describeModel } from "../../vision-model/describe.ts";
import type { ParameterRole } from "../parameters.ts";
import type { PreparedTraining, TrainingWishes } from "../prepare.ts";
import { projected } from "./made-batches.ts";

export interface RecordedRun {
  readonly settings: Pick<
    TrainingWishes,
    "optimizer" | "momentum" | "decay" | "labelSmoothing" | "clip" | "average" | "loss"
  > & {
    readonly rate: number;
  };
  /** Largest relative distance of PyTorch's float32 from its float64. */
  readonly f32Apart: number;
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  readonly correct: readonly number[];
  /** Length of each parameter's gradient at the first step. */
  readonly firstGradients: Readonly<Record<string, number>>;
  /** Length and product with fixed directions, after ten steps. */
  readonly weights: Readonly<Record<string, readonly [number, number]>>;
  readonly averages: Readonly<Record<string, readonly [number, number]>>;
  readonly statistics: Readonly<Record<string, readonly [number, number]>>;
  readonly evaluation: {
    readonly loss: number;
    readonly accuracy: number;
    readonly logits: readonly number[];
  };
}

export interface Recorded {
  readonly roles: Readonly<Record<string, ParameterRole>>;
  readonly initial: Readonly<Record<string, readonly [number, number]>>;
  readonly runs: Readonly<Record<string, RecordedRun>>;
}

const fixture = (file: string): Uint8Array => readFileSync(new URL(`../fixtures/${file}`, import.meta.url));

export const recordedNetwork = (name: string): DescribedModel =>
  describeModel(parseModel(fixture(`${name}.onnx`)));

/** What a run was made with, the learning rate apart. */
export const wishesOf = ({ settings: { rate: _, ...wishes } }: RecordedRun): TrainingWishes => wishes;

export const recorded = (name: string): Recorded =>
  JSON.parse(new TextDecoder().decode(fixture(`${name}.json`)));

export const recordedNetworks = [
  "mlp",
  "resnet-bn",
  "resnet-bn-untrained",
  "resnet-bn-dynamo",
  "resnet-gn",
  "vit",
  "vit-untrained",
  "depthwise",
] as const;

/** PyTorch's name by ours; where the graph holds it under another, by the length that it began with. */
export function torchNames(
  { info, parameters }: Pick<PreparedTraining, "info" | "parameters">,
  { initial }: Recorded,
): Map<string, string> {
  const left = new Map(Object.entries(initial));
  const names = new Map<string, string>();
  for (const { name } of parameters) if (left.delete(name)) names.set(name, name);
  for (const { name } of parameters) {
    if (names.has(name)) continue;
    const [length] = projected(constantValues(info, name));
    const [found] = [...left].find(([, [other]]) => Math.abs(length - other) <= 1e-7 * other) ?? [];
    if (found === undefined) continue;
    left.delete(found);
    names.set(name, found);
  }
  return names;
}

export const constantValues = ({ model }: DescribedModel, name: string): Float32Array =>
  tensorValues(model.graph.initializers.get(name) as ConstantTensor) as Float32Array;
