// The network with what its patch embedding does beside its scores: sizes of patches and of E_pos, and how far z₀ has turned from a
// reference. All means over patches are taken in the graph. Derived here.
import { BATCH, createBuilder, type GraphBuilder, type Model, removeDead } from "@snellen/graph";
import { toFeatureMap } from "../cam/feature-map.ts";
import { classScores } from "../vision-model/class-scores.ts";
import type { LogitsInfo } from "../vision-model/logits.ts";
import type { PatchEmbedding } from "./patch-embedding.ts";

/** Inputs and outputs of the graph. */
export const SCALE = {
  /** Input, as `embedding`: the clean pictures'. */
  reference: "snellen_reference",
  /** [N, D, h, w]: z₀ of the patches alone. */
  embedding: "snellen_embedding",
  /** [N] each: see `ScaleRow`. */
  ratio: "snellen_ratio",
  cosine: "snellen_cosine",
  positionalShare: "snellen_positional_share",
  /** [N]: patches whose E_pos is not zero; the ratio is over these. */
  placed: "snellen_placed",
  /** [N, classes]. */
  logits: "snellen_logits",
} as const;

/** Sizes below this are none: what is divided by stays above. */
const LEAST_SIZE = 1e-30;

export function embeddingScaleGraph(found: PatchEmbedding, logits: LogitsInfo): Model {
  const { model, shapes } = found.graph;
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  const embedding = toFeatureMap(b, found.sum.name, found.sum.layout);
  const summand = toFeatureMap(b, found.summand.name, found.summand.layout);
  const positions = toFeatureMap(b, spreadPositions(b, found), found.sum.layout);
  const [, ...rest] = b.dims(embedding);
  const reference = b.input(SCALE.reference, "float32", [BATCH, ...rest]);
  const [x, e, z, r] = [summand, positions, embedding, reference].map((map) => lengths(b, map)) as [
    string,
    string,
    string,
    string,
  ];
  const placed = asFloat(b, b.op("Greater", [e, b.scalar(0)]));
  const ratios = b.op("Mul", [placed, b.op("Div", [x, atLeast(b, e)])]);
  const count = sumOver(b, placed);
  const energies = [x, e].map((length) => b.op("Mul", [length, length])) as [string, string];
  const share = b.op("Div", [energies[1], atLeast(b, b.op("Add", energies))]);
  const product = b.op("ReduceSum", [b.op("Mul", [embedding, reference]), b.ints([1])], { keepdims: 0 });
  const cosine = b.op("Div", [product, atLeast(b, b.op("Mul", [z, r]))]);
  b.output(b.op("Div", [sumOver(b, ratios), b.op("Max", [count, b.scalar(1)])]), SCALE.ratio);
  b.output(meanOver(b, cosine), SCALE.cosine);
  b.output(meanOver(b, share), SCALE.positionalShare);
  b.output(count, SCALE.placed);
  b.output(embedding, SCALE.embedding);
  b.output(classScores(b, logits), SCALE.logits);
  return removeDead(b.build());
}

/** E_pos, all its parts together, of the sum's own shape. */
function spreadPositions(b: GraphBuilder, { positional, sum }: PatchEmbedding): string {
  const values = [positional.value, ...positional.further.map(({ value }) => value)];
  const whole = values.reduce((all, value) => b.op("Add", [all, value]));
  return b.op("Expand", [whole, b.op("Shape", [sum.name])]);
}

/** [N, h, w]: length of the vector at each position of [N, D, h, w]. */
const lengths = (b: GraphBuilder, map: string): string =>
  b.op("ReduceL2", [map, b.ints([1])], { keepdims: 0 });

const sumOver = (b: GraphBuilder, map: string): string =>
  b.op("ReduceSum", [map, b.ints([1, 2])], { keepdims: 0 });
const meanOver = (b: GraphBuilder, map: string): string =>
  b.op("ReduceMean", [map, b.ints([1, 2])], { keepdims: 0 });

const atLeast = (b: GraphBuilder, value: string): string => b.op("Max", [value, b.scalar(LEAST_SIZE)]);
const asFloat = (b: GraphBuilder, value: string): string => b.op("Cast", [value], { to: 1 });
