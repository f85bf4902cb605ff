// Constant nodes become initializers, so that every constant of a graph is found in one place.
import { UnsupportedError } from "../errors.ts";
import { type Attribute, describeNode, type Graph, type Model, type Node } from "../model.ts";
import { makeTensor, type Tensor } from "../tensor.ts";
import { mapSubgraphs } from "./rename.ts";

/**
 * Case 1: Constant of any attribute form (`value`, `value_int(s)`, `value_float(s)`, `value_string(s)`) → initializer of the
 *         same name, in the graph where it stood; tensors keep their bytes.
 * Case 2: initializers also listed as graph inputs (IR < 4, or overridable defaults) are constants: the inputs go.
 *
 * A constant that is a graph output stays a node: runtimes want outputs to be computed.
 * @throws UnsupportedError `sparse-constant`
 */
export function liftConstants(model: Model): Model {
  const graph = liftGraph(model.graph);
  return graph === model.graph ? model : { ...model, graph };
}

function liftGraph(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const lifted = new Map<string, Tensor>();
  const nodes: Node[] = [];
  let changed = false;
  for (const node of graph.nodes) {
    const name = node.outputs[0] ?? "";
    if (node.opType === "Constant" && node.domain === "" && !outputs.has(name)) {
      lifted.set(name, constantTensor(node));
      changed = true;
      continue;
    }
    const attributes = mapSubgraphs(node.attributes, liftGraph);
    changed ||= attributes !== node.attributes;
    nodes.push(attributes === node.attributes ? node : { ...node, attributes });
  }
  const inputs = graph.inputs.filter((v) => !graph.initializers.has(v.name));
  if (!changed && inputs.length === graph.inputs.length) return graph;
  const initializers = lifted.size === 0 ? graph.initializers : new Map([...graph.initializers, ...lifted]);
  return { ...graph, inputs, nodes, initializers };
}

const encoder = new TextEncoder();

const stringTensor = (dims: readonly number[], values: readonly string[]): Tensor => ({
  dataType: "string",
  dims,
  data: new Uint8Array(),
  strings: values.map((s) => encoder.encode(s)),
});

/** Tensor of each attribute that a Constant node may carry; `sparse_value` has no entry. */
const FORMS: { readonly [name: string]: (a: Attribute) => Tensor | undefined } = {
  value: (a) => (a.type === "tensor" ? a.value : undefined),
  value_int: (a) => (a.type === "int" ? makeTensor("int64", [], [a.value]) : undefined),
  value_ints: (a) => (a.type === "ints" ? makeTensor("int64", [a.value.length], a.value) : undefined),
  value_float: (a) => (a.type === "float" ? makeTensor("float32", [], [a.value]) : undefined),
  value_floats: (a) => (a.type === "floats" ? makeTensor("float32", [a.value.length], a.value) : undefined),
  value_string: (a) => (a.type === "string" ? stringTensor([], [a.value]) : undefined),
  value_strings: (a) => (a.type === "strings" ? stringTensor([a.value.length], a.value) : undefined),
};

/** The tensor that a Constant node holds. */
function constantTensor(node: Node): Tensor {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    const tensor = FORMS[name]?.(attribute);
    if (tensor !== undefined) return tensor;
  }
  throw new UnsupportedError(
    "sparse-constant",
    "this form of constant is not supported (sparse or unknown).",
    {
      where: describeNode(node),
      hint: "Export the model with dense constants.",
    },
  );
}
