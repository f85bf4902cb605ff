// LayerNormalization and RMSNormalization, and ONNX Runtime's SimplifiedLayerNormalization, as a value normalized over its last
// axes. Exporters' written-out LayerNormalization has become the node before (`@snellen/graph`, fuse-layer-normalization).
import { attr, dimsOf, type Node } from "@snellen/graph";
import type { FormContext } from "../normalization.ts";
import type { Core } from "./core.ts";
import { dimsBeside, givenAffine, ofOneNode } from "./support.ts";

/** Operators by "Op" or "domain::Op", and whether they take off the mean. */
const OPERATORS: Readonly<Record<string, boolean | undefined>> = {
  LayerNormalization: true,
  RMSNormalization: false,
  // ONNX Runtime writes it into the standard domain
  SimplifiedLayerNormalization: false,
  "com.microsoft::SimplifiedLayerNormalization": false,
};

/** @param isCentred which of the operators are meant */
export function lastAxesCore(
  context: FormContext,
  node: Node,
  form: string,
  isCentred: boolean,
): Core | undefined {
  const { index, shapes } = context;
  const key = node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
  const [input = "", scale = "", bias = ""] = node.inputs;
  const rank = dimsOf(shapes, input)?.length;
  if (OPERATORS[key] !== isCentred || rank === undefined) return undefined;
  const axis = attr.int(node, "axis", -1);
  const first = axis < 0 ? axis + rank : axis;
  return {
    ...ofOneNode(form, node, input),
    axes: Array.from({ length: rank - first }, (_, i) => first + i),
    isCentred,
    epsilon: attr.float(node, "epsilon", 1e-5),
    ...givenAffine(index, scale, isCentred ? bias : ""),
    affineDims: dimsBeside(context, scale, rank),
  };
}
