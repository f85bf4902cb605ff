// Kernels that were padded, as `fix kernel-padding` does, and not trained since: the zeros behind them read pixels without
// listening to them, so that the checkerboard is still there. Kim et al., arXiv:2108.13576.
import { isExternal, type Node, nodeTitle, type Tensor, tensorNumbers } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { gridWindows, isConvolution, isOfMaps } from "../theoretical/grid-windows.ts";
import { type Fields, fieldsOf } from "../theoretical/receptive-field.ts";
import { weightOf } from "../theoretical/window-along.ts";

/** Titles of the convolutions, in graph order. */
export function untrainedPadding(info: DescribedModel): readonly string[] {
  const found = fieldsOf(info);
  return info.model.graph.nodes.filter((node) => isPadded(found, node)).map(nodeTitle);
}

/** The last row or column of every filter is zero, where kernel and stride are even; other weights are not. */
function isPadded(found: Fields, node: Node): boolean {
  if (!isConvolution(node) || !isOfMaps(found, node)) return false;
  const weight = found.b.initializer(weightOf(node));
  if (weight === undefined || isExternal(weight)) return false;
  return gridWindows(found, node).some(
    ({ kernel, stride }, axis) =>
      kernel % 2 === 0 && stride % 2 === 0 && weight.dims[2 + axis] === kernel && endsInZeros(weight, axis),
  );
}

function endsInZeros(weight: Tensor, axis: number): boolean {
  const [rows, columns] = weight.dims.slice(2) as [number, number];
  const isLast = (i: number): boolean =>
    axis === 0 ? Math.floor(i / columns) % rows === rows - 1 : i % columns === columns - 1;
  const values = tensorNumbers(weight);
  return values.some((value) => value !== 0) && values.every((value, i) => value === 0 || !isLast(i));
}
