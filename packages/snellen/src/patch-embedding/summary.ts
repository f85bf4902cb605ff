// A patch embedding in one line, for tables and terminals.
import type { OtherTokens, PatchEmbedding, PatchEmbeddingSearch } from "./patch-embedding.ts";

/** `8 × 8 patches, by Conv "…", grid 4 × 4, width 48; 1 class token; E_pos: pos_embed (constant)`, or why there is none. */
export function embeddingSummary(search: PatchEmbeddingSearch): string {
  if (!search.found) return `none: ${search.text}`;
  const parts = [
    patchesText(search),
    tokensText(search.others),
    positionsText(search),
    normalizationsText(search),
  ];
  return parts.filter((part) => part !== "").join("; ");
}

function patchesText({ projection, grid, width }: PatchEmbedding): string {
  const { patch, kernel, overlaps, readsPixels, kind, node } = projection;
  const by = kind === "conv" ? "" : "unfolded, ";
  const windows = overlaps ? ` (windows of ${kernel.join(" × ")}, overlapping)` : "";
  const of = readsPixels ? "" : " of an earlier network's map";
  return `${patch.join(" × ")} patches${windows}${of}, ${by}by ${node.opType} "${node.name || node.outputs[0]}", grid ${grid.join(" × ")}, width ${width}`;
}

const tokensText = (others: readonly OtherTokens[]): string =>
  others
    .map(
      ({ count, kind }) => `${count} ${kind === "other" ? "further" : kind} token${count === 1 ? "" : "s"}`,
    )
    .join(", ");

const positionsText = ({ positional: { parameter, value, origin } }: PatchEmbedding): string =>
  `E_pos: ${parameter ?? value} (${origin})`;

function normalizationsText({ isPreNormalized, normalizations }: PatchEmbedding): string {
  if (isPreNormalized) return "normalized before E_pos";
  return normalizations.behind.length > 0 ? "normalized behind E_pos only" : "not normalized";
}
