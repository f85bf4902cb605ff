// Rearrangements between channels and space as Reshape, Transpose, Reshape. Source: the ONNX operators' definitions.
import { attr } from "../../model.ts";
import type { ExpansionTable } from "../expand-operators.ts";
import { input, reshape, transpose } from "./support.ts";

export const movement: ExpansionTable = {
  /** [N, C, H, W] → [N, C·b², H/b, W/b]. */
  SpaceToDepth: (node, context) => {
    const x = input(node, 0);
    const b = attr.int(node, "blocksize");
    const [n, c, h, w] = context.dims(x) as [number, number, number, number];
    const blocks = reshape(context, x, [n, c, h / b, b, w / b, b]);
    return reshape(context, transpose(context, blocks, [0, 3, 5, 1, 2, 4]), [n, c * b * b, h / b, w / b]);
  },
  /** [N, C, H, W] → [N, C/b², H·b, W·b]; the block index is the outer part of the channel (DCR) or the inner one (CRD). */
  DepthToSpace: (node, context) => {
    const x = input(node, 0);
    const b = attr.int(node, "blocksize");
    const [n, c, h, w] = context.dims(x) as [number, number, number, number];
    const inner = attr.string(node, "mode", "DCR") === "CRD";
    const depth = c / (b * b);
    const blocks = reshape(context, x, inner ? [n, depth, b, b, h, w] : [n, b, b, depth, h, w]);
    const moved = transpose(context, blocks, inner ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
    return reshape(context, moved, [n, depth, h * b, w * b]);
  },
};
