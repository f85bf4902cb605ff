// Of a network without a positional embedding: whether it embeds patches, and where its positions come from instead. Derived here.
import { dimsOf, type Node } from "@snellen/graph";
import { isWeightLayer } from "../normalization/flow.ts";
import { type EmbeddingContext, stretchBehind } from "./embedding-context.ts";
import type { NoPatchEmbedding, OtherPositions, PatchProjection } from "./patch-embedding.ts";
import { projectionAt } from "./projection.ts";

export function withoutPositions(context: EmbeddingContext): NoPatchEmbedding {
  const projection = firstPatches(context);
  if (projection === undefined) {
    return {
      found: false,
      reason: "no-patches",
      text: "no convolution whose stride equals its kernel, and no product of unfolded patches, reads the image.",
    };
  }
  const positions = POSITIONS.find(([, has]) => has(context, projection))?.[0] ?? "none";
  const text = `patches are embedded, but nothing positional is added to them: ${TEXTS[positions]}.`;
  return { found: false, reason: "no-positions", positions, text, projection };
}

/** The first layer with weights that reads whole patches of the image, more than a pixel each. */
function firstPatches(context: EmbeddingContext): PatchProjection | undefined {
  for (const node of context.flow.nodes) {
    if (
      !isWeightLayer(context.flow, node) ||
      stretchBehind(context, node.outputs[0] as string).layers[0] !== node
    )
      continue;
    const found = projectionAt(context, node);
    if (found?.readsPixels && !found.overlaps && found.patch[0] * found.patch[1] > 1) return found;
  }
  return undefined;
}

const TEXTS: Readonly<Record<OtherPositions, string>> = {
  relative: "attention has biases by relative position",
  rotary: "queries and keys are turned by their positions",
  convolutional: "later convolutions tell positions apart",
  none: "the network tells positions apart by weights of its own, or not at all",
};

type Test = (context: EmbeddingContext, projection: PatchProjection) => boolean;

/** A constant that differs along the last two axes of what it meets. */
const isTable = ({ flow, shapes }: EmbeddingContext, name: string): boolean =>
  name !== "" &&
  !flow.isImage(name) &&
  (dimsOf(shapes, name) ?? []).slice(-2).filter((d) => d > 1).length === 2;

const hasRelative: Test = (context) =>
  context.flow.nodes.some((node) => {
    if (/Attention$/.test(node.opType)) return node.inputs.slice(3).some((name) => isTable(context, name));
    return (
      node.opType === "Softmax" &&
      scoresBehind(context, node.inputs[0] as string).some((sum) => hasTable(context, sum))
    );
  });

const hasTable = (context: EmbeddingContext, node: Node): boolean =>
  node.opType === "Add" && node.inputs.some((name) => isTable(context, name));

/** Nodes between a Softmax and the product of queries and keys. */
function scoresBehind({ flow }: EmbeddingContext, value: string): Node[] {
  const found = new Set<Node>();
  const seen = new Set([value]);
  for (const name of seen) {
    const node = flow.index.producer(name);
    if (node === undefined || !flow.isImage(name) || /^(MatMul|Einsum|Gemm|Conv)$/.test(node.opType))
      continue;
    found.add(node);
    for (const input of node.inputs) seen.add(input);
  }
  return [...found];
}

/** Products with tables of sines and cosines on the way to queries and keys, which normalizations' scales are not. */
const hasRotary: Test = (context) =>
  context.flow.nodes.filter(
    (node) =>
      node.opType === "RotaryEmbedding" ||
      (node.opType === "Mul" &&
        context.flow.normalizationOf(node) === undefined &&
        node.inputs.some((name) => isTable(context, name))),
  ).length > 1;

const hasConvolutions: Test = ({ flow, shapes }, projection) =>
  flow.nodes.some(
    (node) =>
      node.opType === "Conv" &&
      node !== projection.node &&
      (dimsOf(shapes, node.inputs[1] as string) ?? []).slice(2).some((k) => k > 1),
  );

const POSITIONS: readonly (readonly [OtherPositions, Test])[] = [
  ["relative", hasRelative],
  ["rotary", hasRotary],
  ["convolutional", hasConvolutions],
];
