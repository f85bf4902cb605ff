// Why a patch embedding cannot have its patches normalized, in sentences. Derived here.
import { attr, ModelError } from "@snellen/graph";
import type { NoPatchEmbedding, PatchEmbedding } from "../patch-embedding.ts";
import { normalizesBefore, type PreLayerNormMode } from "./prelayernorm.ts";

/** Why patches cannot be normalized before the projection; undefined where they can. */
export function whyNotBefore({ projection }: PatchEmbedding): string | undefined {
  const { kind, overlaps, readsPixels, patch, kernel, node } = projection;
  if (!readsPixels)
    return "what is projected is the map of an earlier network, not the picture's own pixels.";
  if (overlaps) return "its patches overlap or reach beyond the picture, so that no patch stands alone.";
  if (kernel.some((size, axis) => size !== patch[axis]))
    return `it leaves pixels out between patches: windows of ${kernel.join("x")}, ${patch.join("x")} apart.`;
  if (kind === "conv" && attr.int(node, "group", 1) > 1)
    return "it projects groups of channels apart, not whole patches.";
  return undefined;
}

/**
 * Refuses a mode that normalizes patches before a projection whose input cannot be cut into separate patches.
 * @throws ModelError `cannot-normalize-patches` where the mode is not possible
 */
export function requireMode(found: PatchEmbedding, mode: PreLayerNormMode): void {
  const reason = normalizesBefore(mode) ? whyNotBefore(found) : undefined;
  if (reason === undefined) return;
  throw new ModelError(
    "cannot-normalize-patches",
    `patches cannot be normalized before the projection: ${reason}`,
    {
      where: `"${found.projection.output}"`,
      hint: "Write --mode after-projection.",
    },
  );
}

/** Of a network that has none to mend. */
export const noPatchEmbedding = ({ text }: NoPatchEmbedding): ModelError =>
  new ModelError("no-patch-embedding", text, {
    hint: "PreLayerNorm is for vision transformers that add positions to vectors of patches.",
  });
