// InstanceNormalization as a value normalized over some axes: positions behind axis 1, each channel on its own.
import { attr, dimsOf, type Node } from "@snellen/graph";
import type { FormContext } from "../normalization.ts";
import type { Core } from "./core.ts";
import { givenAffine, ofOneNode } from "./support.ts";

export function instanceCore({ index, shapes }: FormContext, node: Node, form: string): Core | undefined {
  const [input = "", scale = "", bias = ""] = node.inputs;
  const dims = dimsOf(shapes, input);
  if (node.opType !== "InstanceNormalization" || node.domain !== "" || dims === undefined) return undefined;
  return {
    ...ofOneNode(form, node, input),
    axes: dims.flatMap((_, axis) => (axis < 2 ? [] : [axis])),
    isCentred: true,
    epsilon: attr.float(node, "epsilon", 1e-5),
    ...givenAffine(index, scale, bias),
    affineDims: dims.map((d, axis) => (axis === 1 ? d : 1)),
    channelAxis: 1,
  };
}
