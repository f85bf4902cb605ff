// Which nodes a gradient passes: those between the values differentiated by and the values differentiated.
// Gradients flow through floating tensors, and through integer ones that stand for quantized real numbers (their gradient is a
// floating tensor: the derivative by the integer, were it a real number).
import { dataTypeOf, isFloating, type Node, type Shapes, valuesReadBy } from "@snellen/graph";

export interface Path {
  readonly nodes: readonly Node[];
  /** Values that depend on `wrt` and that a value of `of` depends on, through tensors that carry gradients. */
  readonly values: ReadonlySet<string>;
}

export interface PathEnds {
  readonly of: Iterable<string>;
  /** Values of `wrt` cut the path: what lies before them is not on it. */
  readonly wrt: Iterable<string>;
  readonly shapes: Shapes;
}

/** Nodes on the way from `wrt` to `of`, in the order given (topological). */
export function findPath(nodes: readonly Node[], { of, wrt, shapes }: PathEnds): Path {
  const dependent = new Set(wrt);
  const after: Node[] = [];
  for (const node of nodes) {
    if (!valuesReadBy(node).some((name) => dependent.has(name))) continue;
    const carrying = node.outputs.filter((name) => name !== "" && carries(node, name, dependent, shapes));
    if (carrying.length === 0) continue;
    for (const name of carrying) dependent.add(name);
    after.push(node);
  }
  const needed = new Set([...of].filter((name) => dependent.has(name)));
  const between: Node[] = [];
  for (const node of after.reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of valuesReadBy(node)) if (dependent.has(name)) needed.add(name);
    between.push(node);
  }
  return { nodes: between.reverse(), values: needed };
}

/** Their integer outputs stand for real numbers. */
const QUANTIZER = /^(QuantizeLinear|DynamicQuantizeLinear|ConvInteger|MatMulInteger|QGemm|QLinear.*)$/;

/** Their integer outputs are integer inputs moved about. */
const MOVERS = new Set(
  `Cast Concat DepthToSpace Expand Flatten Gather Identity MaxPool Pad Reshape Resize Slice SpaceToDepth Split Squeeze Tile
   Transpose Unsqueeze`.split(/\s+/),
);

/** Values of unknown type are taken to carry one: an error later is better than a zero now. */
function carries(node: Node, output: string, dependent: ReadonlySet<string>, shapes: Shapes): boolean {
  const type = dataTypeOf(shapes, output);
  if (type === undefined || isFloating(type)) return true;
  if (type === "bool" || type === "string") return false;
  const first = output === node.outputs[0];
  if (QUANTIZER.test(node.opType)) return first;
  if (!MOVERS.has(node.opType) || (node.opType === "MaxPool" && !first)) return false;
  const moved = node.opType === "Concat" ? node.inputs : node.inputs.slice(0, 1);
  return moved.some((name) => dependent.has(name) && !isFloating(dataTypeOf(shapes, name)));
}
