// Half-precision models in single precision: ONNX Runtime's CPU kernels for float16 and bfloat16 are few and slower, and input
// gradients of 1e-6 lie below what float16 resolves.
import { codeOfDataType, type DataType } from "../data-type.ts";
import { type Attribute, type Graph, type Model, makeNode, type Node, type ValueInfo } from "../model.ts";
import { floatTensor, isExternal, type Tensor, tensorValues } from "../tensor.ts";
import { inlineFunctions } from "./inline-functions.ts";
import { freshName, mapSubgraphs, renameGraph, valueNames } from "./rename.ts";

const HALVES: ReadonlySet<DataType | undefined> = new Set(["float16", "bfloat16"]);
/** Protobuf codes of float16 and bfloat16. */
const HALF_CODES: ReadonlySet<bigint> = new Set([10n, 16n]);
const FLOAT32 = { type: "int", value: 1n } as const;
/** Attributes that name an element type by its code. */
const TYPE_ATTRIBUTES: ReadonlySet<string> = new Set(
  "to dtype output_dtype output_datatype stash_type softmax_precision precision".split(" "),
);

/**
 * Computes in float32 what a model computes in float16 or bfloat16; the weights keep their (rounded) values.
 * Case 1: constants are widened; those whose bytes were not read stay where they are, with a Cast after them.
 * Case 2: attributes that name a half-precision type name float32 instead (Cast, random numbers, …), tensors in them too.
 * Case 3: graph inputs and outputs are float32, or keep their type behind a Cast.
 * Sub-graphs too. Local functions are inlined first.
 *
 * @param options.signature `float32` (default): inputs and outputs change their type, so that gradients by inputs keep their
 *   precision; `kept`: they stay as the file has them
 * @returns the same model when nothing in it has half precision
 */
export function raisePrecision(model: Model, options: { signature?: "float32" | "kept" } = {}): Model {
  const inlined = inlineFunctions(model);
  const { graph } = inlined;
  if (!mentionsHalves(graph)) return model;
  const raised = raiseGraph(graph);
  return { ...inlined, graph: options.signature === "kept" ? castSignature(raised, graph) : raised };
}

const isHalfAttribute = (name: string, a: Attribute): boolean =>
  (a.type === "int" && TYPE_ATTRIBUTES.has(name) && HALF_CODES.has(a.value)) ||
  (a.type === "tensor" && HALVES.has(a.value.dataType)) ||
  (a.type === "graph" && mentionsHalves(a.value));

function mentionsHalves(graph: Graph): boolean {
  return (
    [...graph.inputs, ...graph.outputs].some((v) => HALVES.has(v.dataType)) ||
    [...graph.initializers.values()].some((t) => HALVES.has(t.dataType)) ||
    graph.nodes.some((n) => Object.entries(n.attributes).some(([name, a]) => isHalfAttribute(name, a)))
  );
}

function raiseGraph(graph: Graph): Graph {
  const taken = valueNames(graph);
  const initializers = new Map<string, Tensor>();
  const casts: Node[] = [];
  for (const [name, tensor] of graph.initializers) {
    if (HALVES.has(tensor.dataType) && isExternal(tensor)) {
      const stored = freshName(taken, `${name}/stored`);
      initializers.set(stored, tensor);
      casts.push(castTo("float32", stored, name));
    } else initializers.set(name, raiseTensor(tensor));
  }
  const raised = (infos: readonly ValueInfo[]): ValueInfo[] =>
    infos.map((v) => (HALVES.has(v.dataType) ? { ...v, dataType: "float32" } : v));
  return {
    ...graph,
    inputs: raised(graph.inputs),
    outputs: raised(graph.outputs),
    valueInfo: raised(graph.valueInfo),
    initializers,
    nodes: [...casts, ...graph.nodes.map(raiseNode)],
  };
}

const castTo = (type: DataType, from: string, to: string): Node =>
  makeNode("Cast", [from], [to], { name: to, attributes: { to: codeOfDataType(type) } });

/** Puts casts between the raised graph and the signature that it had. */
function castSignature(raised: Graph, original: Graph): Graph {
  const taken = valueNames(raised);
  const inputs = original.inputs.filter((v) => HALVES.has(v.dataType) && !original.initializers.has(v.name));
  const outputs = original.outputs.filter((v) => HALVES.has(v.dataType));
  const inner = new Map<string, string>();
  for (const { name } of [...inputs, ...outputs]) {
    if (!inner.has(name)) inner.set(name, freshName(taken, `${name}/float32`));
  }
  const innerOf = (name: string): string => inner.get(name) ?? name;
  const before = inputs.map((v) => castTo("float32", v.name, innerOf(v.name)));
  const passedOn = new Set(inputs.map((v) => v.name));
  const after = outputs
    .filter((v) => !passedOn.has(v.name))
    .map((v) => castTo(v.dataType as DataType, innerOf(v.name), v.name));
  const renamed = renameGraph(raised, innerOf);
  return {
    ...renamed,
    inputs: original.inputs,
    outputs: original.outputs,
    nodes: [...before, ...renamed.nodes, ...after],
  };
}

function raiseTensor(tensor: Tensor): Tensor {
  if (!HALVES.has(tensor.dataType)) return tensor;
  return floatTensor(tensor.dims, tensorValues(tensor) as Float32Array);
}

function raiseNode(node: Node): Node {
  const inside = mapSubgraphs(node.attributes, (g) => (mentionsHalves(g) ? raiseGraph(g) : g));
  const changes = Object.entries(inside).flatMap(([name, a]): [string, Attribute][] => {
    if (a.type === "graph" || !isHalfAttribute(name, a)) return [];
    return [[name, a.type === "tensor" ? { type: "tensor", value: raiseTensor(a.value) } : FLOAT32]];
  });
  if (changes.length === 0 && inside === node.attributes) return node;
  return { ...node, attributes: { ...inside, ...Object.fromEntries(changes) } };
}
