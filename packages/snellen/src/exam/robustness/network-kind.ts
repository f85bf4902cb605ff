// Whether a network is a vision transformer with a positional embedding, of which arXiv:2111.08413 speaks, or convolutional. By what
// its graph is made of, never by its name. Derived here.
import { dimsOf } from "@snellen/graph";
import { findPatchEmbedding } from "../../patch-embedding/find-patch-embedding.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";

/**
 * `vision-transformer`: a positional embedding is added to embedded patches; `normalized-transformer`: the same, but patches are
 * normalized before, as PreLayerNorm does; `convolutional`: convolutions that mix cells, other than one that cuts out patches,
 * and no attention; `other`: all else, such as transformers with relative positions, mixers and hybrids.
 */
export type NetworkKind = "vision-transformer" | "normalized-transformer" | "convolutional" | "other";

export const KIND_WORDS: Readonly<Record<NetworkKind, string>> = {
  "vision-transformer": "a vision transformer",
  "normalized-transformer": "a vision transformer that normalizes its patches",
  convolutional: "a convolutional network",
  other: "neither a vision transformer with added positions nor a plain convolutional network",
};

export function networkKind(info: DescribedModel): NetworkKind {
  const found = findPatchEmbedding(info);
  if (found.found) return found.isPreNormalized ? "normalized-transformer" : "vision-transformer";
  const patches = found.projection?.node.outputs[0];
  return hasConvolutions(info, patches) && !hasAttention(info) ? "convolutional" : "other";
}

/** @param patches output of the layer that embeds patches, which does not count */
const hasConvolutions = (
  { model: { graph }, shapes }: DescribedModel,
  patches: string | undefined,
): boolean =>
  graph.nodes.some(
    ({ opType, inputs, outputs }) =>
      opType === "Conv" &&
      outputs[0] !== patches &&
      (dimsOf(shapes, inputs[1] as string) ?? []).slice(2).some((kernel) => kernel > 1),
  );

/** A Softmax that becomes weights of a product, which the one over classes does not; or an operator of its own. */
function hasAttention({ model: { graph } }: DescribedModel): boolean {
  const weights = new Set(
    graph.nodes.filter(({ opType }) => opType === "Softmax").flatMap(({ outputs }) => outputs),
  );
  return graph.nodes.some(
    ({ opType, inputs }) =>
      /Attention$/.test(opType) ||
      (/^(MatMul|Einsum)$/.test(opType) && inputs.some((name) => weights.has(name))),
  );
}
