// A patch embedding as data for JSON.
import type { PatchEmbeddingSearch } from "./patch-embedding.ts";
import { embeddingSummary } from "./summary.ts";

/** What `inspect` and `patch-embedding` print; part of the command line's contract. */
export type PatchEmbeddingFacts =
  | { readonly found: false; readonly reason: string; readonly text: string }
  | {
      readonly found: true;
      /** All of it in a line. */
      readonly text: string;
      /** The node that turns patches into vectors, and how: `conv` or `unfold`. */
      readonly projection: string;
      readonly kind: string;
      /** Rows and columns of a patch, in cells of what the projection reads, and in pixels of the input. */
      readonly patch: readonly [number, number];
      readonly pixels: readonly [number, number];
      readonly grid: readonly [number, number];
      readonly width: number;
      readonly bias: boolean;
      readonly positional: {
        readonly node: string;
        readonly origin: string;
        readonly parameter: string | null;
      };
      /** Values of the graph: the patches' vectors, and what the first block reads. */
      readonly tokens: string;
      readonly z0: string;
      readonly others: readonly { readonly kind: string; readonly count: number; readonly joined: string }[];
      readonly preNormalized: boolean;
    };

/** A patch embedding, or why there is none, as plain data for JSON. */
export function patchEmbeddingFacts(search: PatchEmbeddingSearch): PatchEmbeddingFacts {
  if (!search.found) return { found: false, reason: search.reason, text: embeddingSummary(search) };
  const { projection, grid, pixels, width, positional, others, tokens, z0 } = search;
  return {
    found: true,
    text: embeddingSummary(search),
    projection: projection.node.name,
    kind: projection.kind,
    patch: projection.patch,
    pixels,
    grid,
    width,
    bias: projection.bias !== null,
    positional: {
      node: positional.node.name,
      origin: positional.origin,
      parameter: positional.parameter,
    },
    tokens: tokens.name,
    z0: z0.name,
    others: others.map(({ kind, count, joined }) => ({ kind, count, joined })),
    preNormalized: search.isPreNormalized,
  };
}
