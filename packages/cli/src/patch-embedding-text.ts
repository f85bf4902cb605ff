// A patch embedding as data for JSON, and as lines for people.
import type { PatchEmbeddingSearch } from "snellen";

/** What `inspect` and `patch-embedding` print; part of the command line's contract. */
export type PatchEmbeddingFacts =
  | { readonly found: false; readonly reason: string; readonly text: string }
  | {
      readonly found: true;
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

export function patchEmbeddingFacts(search: PatchEmbeddingSearch): PatchEmbeddingFacts {
  if (!search.found) return { found: false, reason: search.reason, text: search.text };
  const { projection, grid, pixels, width, positional, others, tokens, z0 } = search;
  return {
    found: true,
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

/** `16x16 pixels a patch, 14x14 patches, width 768, 1 class token; positions: constant "pos_embed"`. */
export function patchEmbeddingText(facts: PatchEmbeddingFacts): string {
  if (!facts.found) return `none: ${facts.text}`;
  const { pixels, grid, width, others, positional, preNormalized } = facts;
  const tokens = others
    .map(({ kind, count }) => `, ${count} ${kind} token${count === 1 ? "" : "s"}`)
    .join("");
  const parameter = positional.parameter === null ? "" : ` "${positional.parameter}"`;
  const norm = preNormalized ? "; normalized before the addition" : "";
  return `${pixels.join("x")} pixels a patch, ${grid.join("x")} patches, width ${width}${tokens}; positions: ${positional.origin}${parameter}${norm}`;
}
