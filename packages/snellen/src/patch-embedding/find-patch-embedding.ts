// Finds the patch embedding of a vision transformer, z₀ = E·patch + b + E_pos (arXiv:2010.11929), in the exports of timm, torchvision
// and Hugging Face or written by hand, or says in a sentence why a network has none. How it is recognised is derived here.
import type { Node } from "@snellen/graph";
import type { Normalization } from "../normalization/normalization.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import {
  contentReaders,
  createContext,
  type EmbeddingContext,
  type Stretch,
  stretchBehind,
} from "./embedding-context.ts";
import { firstBlockAfter, withTokens } from "./first-block.ts";
import { joinedBy, withLikelyKinds } from "./other-tokens.ts";
import type {
  EmbeddingValue,
  NoPatchEmbedding,
  OtherTokens,
  PatchEmbedding,
  PatchEmbeddingSearch,
  PatchProjection,
} from "./patch-embedding.ts";
import {
  chainFrom,
  type PositionalAddition,
  positionalAdditions,
  positionalEmbedding,
} from "./positional-additions.ts";
import { projectionAt, tokensOf, valueAt } from "./projection.ts";
import { withoutPositions } from "./without-positions.ts";

/**
 * The first place where something positional is added to vectors of patches, no attention before it. Nothing is run.
 *
 * Convolutions whose windows overlap and layers on the map of an earlier network count as projections too, and say so; relative,
 * rotary and convolutional positions are no E_pos.
 */
export function findPatchEmbedding(info: DescribedModel): PatchEmbeddingSearch {
  const context = createContext(info);
  const additions = positionalAdditions(context);
  const refusals: NoPatchEmbedding[] = [];
  for (const addition of additions) {
    const found = embeddingAt(context, addition, additions);
    if (found.found) return found;
    refusals.push(found);
  }
  return refusals[0] ?? withoutPositions(context);
}

function embeddingAt(
  context: EmbeddingContext,
  addition: PositionalAddition,
  additions: readonly PositionalAddition[],
): PatchEmbeddingSearch {
  const stretch = stretchBehind(context, addition.summand);
  const [layer, ...layers] = stretch.layers;
  const projection = layer === undefined || layers.length > 0 ? undefined : projectionAt(context, layer);
  if (projection === undefined) return noProjection(stretch);
  if (leaks(context, projection, stretch, addition)) return usedWithout(projection);
  const tokens = tokensOf(context, projection, stretch.nodes);
  const summand = valueAt(context, addition.summand);
  if (tokens === undefined || summand === undefined) return noProjection(stretch);
  const chain = [addition, ...chainFrom(context, addition, additions).slice(1)] as const;
  const sum = valueAt(context, (chain.at(-1) as PositionalAddition).sum) as EmbeddingValue;
  return describeEmbedding(context, { projection, stretch, tokens, summand, chain, sum });
}

interface Parts {
  readonly projection: PatchProjection;
  readonly stretch: Stretch;
  readonly tokens: EmbeddingValue;
  readonly summand: EmbeddingValue;
  readonly chain: readonly [PositionalAddition, ...PositionalAddition[]];
  readonly sum: EmbeddingValue;
}

function describeEmbedding(context: EmbeddingContext, parts: Parts): PatchEmbedding {
  const { projection, stretch, tokens, summand, chain, sum } = parts;
  const early = earlyTokens(context, stretch);
  const { z0, others, normalizations: behind } = firstBlockAfter(context, sum, early);
  const before = stretchBehind(context, projection.input).normalizations;
  const between = stretch.normalizations;
  const { grid, channelAxis } = tokens.layout;
  const width = context.b.dims(tokens.name)[channelAxis] as number;
  return {
    found: true,
    graph: { model: context.model, shapes: context.shapes },
    projection,
    grid,
    pixels: [context.size[0] / grid[0], context.size[1] / grid[1]],
    width,
    tokens,
    summand,
    positional: positionalEmbedding(context, chain, width),
    sum,
    z0,
    others: withLikelyKinds(others),
    normalizations: { before, between, behind },
    isPreNormalized: [...before, ...between].some(isOfVectors),
  };
}

/** Layer or RMS normalization of each position's vector by itself. */
const isOfVectors = ({ kind, acrossPositions }: Normalization): boolean =>
  (kind === "layer" || kind === "rms") && !acrossPositions;

/** Tokens that join in front of the addition, the first ones next to the patches. */
function earlyTokens(context: EmbeddingContext, { nodes }: Stretch): OtherTokens[] {
  const joins = context.flow.nodes
    .filter((node) => nodes.has(node))
    .map((node) => joinedBy(context, node)?.others ?? []);
  return joins.reduce<OtherTokens[]>((known, added) => {
    const early = added.map((other): OtherTokens => ({ ...other, joined: "before-addition" }));
    return withTokens(known, early, true);
  }, []);
}

/** Whether vectors of patches get anywhere without E_pos. */
function leaks(
  context: EmbeddingContext,
  projection: PatchProjection,
  { nodes }: Stretch,
  addition: PositionalAddition,
): boolean {
  const inside = new Set<Node>([projection.node, ...nodes]);
  return [...inside].some((node) =>
    node.outputs.some(
      (name) =>
        context.flow.index.isOutput(name) ||
        contentReaders(context, name).some((reader) => !inside.has(reader) && reader !== addition.node),
    ),
  );
}

const usedWithout = (projection: PatchProjection): NoPatchEmbedding => ({
  found: false,
  reason: "used-without",
  text: "something positional is added to the vectors of patches, but they are used without it too, as where only queries and keys have positions.",
  projection,
});

const noProjection = ({ layers }: Stretch): NoPatchEmbedding => ({
  found: false,
  reason: "no-projection",
  text:
    layers.length === 0
      ? "something positional is added to the picture itself, in front of any layer."
      : "something positional is added, but not to the output of one layer that embeds patches.",
});
