// The layers that everything passes through on its way from the image to the scores: the ends of blocks. Fields of all layers
// are asked for there, as those inside a block's branches say little about the network. Derived here.
import { createBuilder, type Node, valuesReadBy } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { ancestors } from "../../vision-model/score-parts.ts";
import { readsShapeOnly } from "../../vision-model/shape-only.ts";
import { fieldSize } from "../theoretical/theoretical.ts";

/**
 * Feature layers that no path from the image to the scores avoids, in graph order; of a convolution, its normalization and its
 * activation in a row the last. The default layer is among them, wherever it lies.
 */
export function blockLayers(info: DescribedModel): FeatureLayer[] {
  const { layers, default: chosen } = info.layers;
  const ends = blockEnds(info);
  return layers.filter((layer) => layer === chosen || (ends.has(layer.value) && !isPicture(layer)));
}

/** Laid out anew, it still is the picture: its cells see a single pixel. */
const isPicture = ({ field }: FeatureLayer): boolean =>
  field?.every((axis) => fieldSize(axis) === 1) === true;

/** Operators that work cell by cell: what they make is the same layer, further on. */
const CELLWISE =
  /(^(Add|Sub|Mul|Div|Pow|Sqrt|Neg|Exp|Erf|Min|Max|Clip|Concat|Elu|Gelu|HardSigmoid|HardSwish|Mish|Relu|Sigmoid|Softplus|Tanh|Identity|Cast|Dropout|Transpose|Reshape|Flatten|Squeeze|Unsqueeze|QuantizeLinear|DequantizeLinear)$)|Relu$|elu$|Normalization$/;

/** Values on every path behind which something follows that looks at other cells or joins branches. */
function blockEnds(info: DescribedModel): Set<string> {
  const found = new Set<string>();
  let last: string | undefined;
  let isSame = true;
  for (const { node, isOnEveryPath } of mainPath(info)) {
    if (!CELLWISE.test(node.opType)) isSame = false;
    if (!isOnEveryPath) continue;
    if (last !== undefined && isSame) found.delete(last);
    last = node.outputs[0] as string;
    found.add(last);
    isSame = true;
  }
  return found;
}

/**
 * The nodes between the image and the scores. In order of computation a value is on every path when nothing computed before it
 * is read after it: all that matters is its ancestor or its descendant.
 */
function mainPath({ model, shapes, input, logits }: DescribedModel) {
  const matters = ancestors(createBuilder(model, shapes), logits.value);
  const dependent = new Set([input.name]);
  const lastRead = new Map<string, number>();
  const nodes: Node[] = [];
  for (const node of model.graph.nodes) {
    if (readsShapeOnly(node) || !node.outputs.some((name) => matters.has(name))) continue;
    const read = valuesReadBy(node).filter((name) => dependent.has(name));
    if (read.length === 0) continue;
    for (const name of read) lastRead.set(name, nodes.length);
    for (const name of node.outputs) dependent.add(name);
    nodes.push(node);
  }
  let open = lastRead.get(input.name) ?? 0;
  return nodes.map((node, i) => {
    const isOnEveryPath = open <= i;
    for (const name of node.outputs) open = Math.max(open, lastRead.get(name) ?? 0);
    return { node, isOnEveryPath };
  });
}
