// Whether a layer is followed by global average pooling and a linear classifier only, as CAM needs.
import { attr, type Node, valuesReadBy } from "@snellen/graph";

/** Operators that may stand between the map and the scores: averaging over space, moving, and products with constants. */
const AVERAGING = new Set(["GlobalAveragePool", "ReduceMean", "ReduceSum", "AveragePool"]);
const MOVING = new Set([
  "Flatten",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
  "Identity",
  "Transpose",
  "Dropout",
  "Cast",
]);
const LINEAR = new Set(["Gemm", "MatMul", "Conv", "Add", "Mul", "Div"]);

/** Undefined when CAM applies; otherwise the reason, naming the node in the way. */
export function whyNotLinear(nodes: readonly Node[], layer: string, logits: string): string | undefined {
  const dependent = new Set([layer]);
  let pooled = false;
  for (const node of nodes) {
    if (!valuesReadBy(node).some((name) => dependent.has(name))) continue;
    for (const name of node.outputs) dependent.add(name);
    if (AVERAGING.has(node.opType)) pooled = true;
    else if (!MOVING.has(node.opType) && !(pooled && isLinear(node, dependent))) {
      return `${node.opType} "${node.name}" stands between the layer and the scores`;
    }
    if (node.outputs.includes(logits)) break;
  }
  return pooled ? undefined : "no global average pooling stands between the layer and the scores";
}

/** A product or sum of one dependent operand with constants; convolutions only on the pooled 1×1 map. */
function isLinear(node: Node, dependent: ReadonlySet<string>): boolean {
  if (!LINEAR.has(node.opType)) return false;
  if (node.opType === "Conv" && (attr.ints(node, "kernel_shape") ?? [1]).some((k) => k !== 1)) return false;
  return node.inputs.filter((name) => dependent.has(name)).length === 1;
}
