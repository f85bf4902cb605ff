// Real architectures with hand labels of every normalization scale, and their graphs filled with seeded weights.
// Recorded by tools/reference/gamma_labels.py, which says what the labels mean and how they were checked.
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  elementCount,
  externalTensors,
  floatTensor,
  InternalError,
  type Model,
  parseModel,
  type Tensor,
  withGraph,
} from "@snellen/graph";
import { randomStream } from "../../../random.ts";

export interface GammaLabel {
  /** Name in the state_dict. */
  readonly parameter: string;
  readonly kind: "normalization" | "layer-scale";
  readonly category: "branch-last" | "shortcut" | "scale-invariant" | "terminal";
  readonly decay: boolean;
  /** In front of the fork of the sum that it reaches: it starts the residual stream. */
  readonly stream: boolean;
  /** Scale-invariant but for an activation that is not homogeneous, a gate, a softmax or a bias. */
  readonly nearly: boolean;
  /** Rules alone do not decide: the category is what the structure suggests. */
  readonly evidence: boolean;
  readonly why: string;
  /**
   * |y(2) − y| / |y| of the logits with γ and β doubled: PyTorch in float64 on batch statistics, epsilons 1e-12, weights
   * random but not those of `labelledModel`.
   */
  readonly change: number;
}

export interface LabelledFile {
  readonly exporter: "torchscript" | "dynamo";
  readonly opset: number;
  /** Initializer → name in the state_dict, where they differ. */
  readonly names?: Readonly<Record<string, string>>;
}

export interface GammaLabels {
  readonly source: string;
  /** How the architecture reads, in a line. */
  readonly reading: string;
  /** [C, H, W] of the image; the batch is dynamic. */
  readonly input: readonly number[];
  readonly files: Readonly<Record<string, LabelledFile>>;
  /** In the order of the state_dict. */
  readonly gammas: readonly GammaLabel[];
  /** Names and shapes in order, as a checkpoint of the training code has them. */
  readonly stateDict: readonly (readonly [name: string, dims: readonly number[]])[];
}

const FOLDER = new URL("../fixtures/", import.meta.url);
const GRAPH = ".onnx.gz";
const UNFLAGGED = { kind: "normalization", stream: false, nearly: false, evidence: false } as const;

/** Every graph: `resnet18`, and of other exports of the same network `resnet18.dynamo`, `resnet18.renamed`. */
export const labelledFiles = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(GRAPH))
    .map((name) => name.slice(0, -GRAPH.length))
    .sort();

/** The labels of a graph's network. */
export function labelsOf(file: string): GammaLabels {
  const path = new URL(`${file.replace(/\..*/, "")}.labels.json`, FOLDER);
  const labels = JSON.parse(readFileSync(path, "utf8")) as GammaLabels;
  return { ...labels, gammas: labels.gammas.map((gamma) => ({ ...UNFLAGGED, ...gamma })) };
}

/** What a tensor of the state_dict is filled with; the first row that its name matches. */
const FILLS: readonly { name: RegExp; ranks: readonly number[]; value: number | "he" | "narrow" }[] = [
  { name: /(^|\.)running_mean$/, ranks: [1], value: 0 },
  { name: /(^|\.)running_var$/, ranks: [1], value: 1 },
  { name: /(^|[._])(gamma|layer_scale)$/, ranks: [1, 3], value: 1 },
  { name: /(^|[._])bias$/, ranks: [1], value: 0 },
  { name: /(^|[._])weight$/, ranks: [1], value: 1 },
  { name: /(^|[._])weight$/, ranks: [2, 3, 4], value: "he" },
  // class tokens, positions and tables of relative positions
  { name: /./, ranks: [2, 3, 4], value: "narrow" },
];

const NARROW = 0.02;
/** Prime, so that the rows of a weight are different stretches of the draws. */
const DRAWS = 262_147;

/**
 * A graph with its weights filled in: He-normal by fan-in, γ and layer scales 1, β and other biases 0, BatchNorm statistics
 * those of unit Gaussians, all else Gaussian with a deviation of 0.02. What the file itself holds (tensors of at most 256 bytes,
 * constants) stays. All graphs of a network get the same weights, so that they give the same scores.
 * @param file one of `labelledFiles()`
 */
export function labelledModel(file: string, seed = 1): Model {
  const bytes = gunzipSync(readFileSync(new URL(`${file}${GRAPH}`, FOLDER)));
  const model = parseModel(bytes, file);
  const { files, stateDict } = labelsOf(file);
  const places = new Map(stateDict.map(([name], i) => [name, i]));
  const draws = gaussianDraws(seed);
  const initializers = new Map(model.graph.initializers);
  for (const { name, tensor } of externalTensors(model)) {
    const parameter = files[file]?.names?.[name] ?? name;
    const first = randomStream(seed, places.get(parameter) ?? -1).integer(0, DRAWS - 1);
    initializers.set(name, filled(parameter, tensor, draws, first));
  }
  // Without the file's bytes nothing is written as a reference into a file that is not there.
  return { ...withGraph(model, { initializers }), bytes: undefined };
}

function filled(name: string, { dims }: Tensor, draws: Float32Array, first: number): Tensor {
  const value = FILLS.find((fill) => fill.name.test(name) && fill.ranks.includes(dims.length))?.value;
  if (value === undefined) throw new InternalError(`nothing to fill ${name} [${dims}] with`);
  const values = new Float32Array(elementCount(dims));
  if (typeof value === "number") return floatTensor(dims, values.fill(value));
  const deviation = value === "he" ? Math.sqrt(2 / elementCount(dims.slice(1))) : NARROW;
  for (let at = 0, from = first; at < values.length; from = 0) {
    const stretch = draws.subarray(from, from + values.length - at);
    values.set(stretch, at);
    at += stretch.length;
  }
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * deviation;
  return floatTensor(dims, values);
}

/** Standard normal numbers by Box and Muller's transform. */
function gaussianDraws(seed: number): Float32Array {
  const { uniform } = randomStream(seed);
  const draws = new Float32Array(DRAWS);
  for (let i = 0; i < DRAWS; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(0, 1)));
    const angle = uniform(0, 2 * Math.PI);
    draws[i] = radius * Math.cos(angle);
    if (i + 1 < DRAWS) draws[i + 1] = radius * Math.sin(angle);
  }
  return draws;
}
