// How the map that a convolution reads is cut into its patches, and whether the file leaves its size open. Derived here.
import { dimsOf } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { PatchEmbedding } from "../patch-embedding.ts";
import type { PatchCut } from "./patch-vectors.ts";

/** For the file's own graph: sizes that it leaves open are taken from the map when it runs. */
export function patchCutOf(info: DescribedModel, found: PatchEmbedding): PatchCut {
  const { name, layout } = info.input;
  const declared = info.original.graph.inputs.find((input) => input.name === name)?.dims ?? [];
  const [row, column] = layout === "NCHW" ? [2, 3] : [1, 2];
  const isFixed = [row, column].every((axis) => typeof declared[axis] === "number" && declared[axis] > 0);
  return { ...canonicalCutOf(found), ...(isFixed ? {} : { grid: null }) };
}

/** For the canonical graph, whose sizes are all known. */
export function canonicalCutOf({ projection: { input, patch }, graph, grid }: PatchEmbedding): PatchCut {
  const [, channels = 0, height, width] = dimsOf(graph.shapes, input) ?? [];
  const hasRest = height !== grid[0] * patch[0] || width !== grid[1] * patch[1];
  return { channels, patch, grid, hasRest };
}
