// The activation that follows a value, however it is written: one node, or several that an exporter made of it.
import { attr, fuseGelu, type GraphIndex, indexGraph, type Model, type Node, patterns } from "@snellen/graph";
import { isConstant } from "../forms/support.ts";

export interface FoundActivation {
  /** Id in the registry of activations; undefined for one that has no entry there. */
  readonly id: string | undefined;
  /** What people call it. */
  readonly title: string;
  /** Of a leaky ReLU. */
  readonly slope?: number;
  readonly output: string;
}

const { op, value, scalar } = patterns;
const v = value("v");

/** Written with the node itself. */
const SINGLE: Readonly<Record<string, ((node: Node) => Pick<FoundActivation, "id" | "slope">) | undefined>> =
  {
    Relu: () => ({ id: "relu" }),
    LeakyRelu: (node) => ({ id: "leaky-relu", slope: attr.float(node, "alpha", 0.01) }),
    Gelu: (node) => ({ id: attr.string(node, "approximate", "none") === "tanh" ? "gelu-tanh" : "gelu" }),
    Tanh: () => ({ id: "tanh" }),
    Sigmoid: () => ({ id: "sigmoid" }),
    HardSwish: () => ({ id: "hard-swish" }),
    Mish: () => ({ id: "mish" }),
    Swish: (node) => ({ id: attr.float(node, "alpha", 1) === 1 ? "silu" : undefined }),
    Elu: (node) => ({ id: attr.float(node, "alpha", 1) === 1 ? "elu" : undefined }),
    Celu: () => ({ id: undefined }),
    HardSigmoid: () => ({ id: undefined }),
    PRelu: () => ({ id: undefined }),
    Selu: () => ({ id: undefined }),
    Softplus: () => ({ id: undefined }),
    Softsign: () => ({ id: undefined }),
    ThresholdedRelu: () => ({ id: undefined }),
    QuickGelu: () => ({ id: undefined }),
  };

/** Written with several nodes. */
const COMPOSED: readonly (readonly [string, patterns.Pattern])[] = [
  ["silu", op("Mul", [v, op("Sigmoid", [v])])],
  ["hard-swish", op("Mul", [v, op("HardSigmoid", [v], { where: isSixth })])],
  [
    "hard-swish",
    op("Mul", [v, op("Div", [op("Clip", [op("Add", [v, scalar(3)]), scalar(0), scalar(6)]), scalar(6)])]),
  ],
  [
    "hard-swish",
    op("Div", [op("Mul", [v, op("Clip", [op("Add", [v, scalar(3)]), scalar(0), scalar(6)])]), scalar(6)]),
  ],
  ["mish", op("Mul", [v, op("Tanh", [op("Softplus", [v])])])],
  ["relu6", op("Clip", [v, scalar(0), scalar(6)])],
  ["relu", op("Max", [v, scalar(0)])],
];

function isSixth(node: Node): string | undefined {
  return Math.abs(attr.float(node, "alpha", 0.2) - 1 / 6) < 1e-4 ? undefined : "another slope";
}

/**
 * Activations by the value that they are given; where other nodes read that value too, it has none.
 * @param model canonical
 */
export function findActivations(model: Model): ReadonlyMap<string, FoundActivation> {
  const index = indexGraph(fuseGelu(model));
  const found = new Map<string, FoundActivation>();
  const add = (input: string, inside: ReadonlySet<Node>, activation: FoundActivation): void => {
    const isAlone = index.readers(input).every((reader) => inside.has(reader)) && !index.isOutput(input);
    if (isAlone && !found.has(input)) found.set(input, activation);
  };
  for (const [id, pattern] of COMPOSED) {
    for (const { root, values, matched } of patterns.findMatches(pattern, index))
      add(values.v as string, new Set(matched), { id, title: id, output: root.outputs[0] as string });
  }
  for (const node of index.graph.nodes) {
    const single = SINGLE[node.opType]?.(node);
    if (single === undefined) continue;
    const title = single.id ?? node.opType;
    add(node.inputs[0] as string, new Set([node]), { ...single, title, output: node.outputs[0] as string });
  }
  const { inputs, nodes } = index.graph;
  for (const name of [...inputs.map((input) => input.name), ...nodes.flatMap(({ outputs }) => outputs)]) {
    const activation = found.has(name) ? undefined : writtenOut(index, name);
    if (activation !== undefined) found.set(name, activation);
  }
  return found;
}

/** Operators that take each element by itself, and are linear in one computed operand. */
const LINEAR = new Set("Add Cast Div Identity Mul Neg Sub".split(" "));
const NONLINEAR = new Set(
  "Abs Clip Cos Erf Exp Greater GreaterOrEqual HardSigmoid Less LessOrEqual Log Max Min Pow Reciprocal Relu Sigmoid Sign Sin Softplus Sqrt Tanh Where".split(
    " ",
  ),
);
/** Functions of more operators are no activations. */
const MOST_NODES = 12;

/** A function of single elements that no pattern knows, such as x/(1 + |x|): up to where all that follows the value is one again. */
function writtenOut(index: GraphIndex, value: string): FoundActivation | undefined {
  const derived = new Set([value]);
  const nodes = new Set<Node>();
  const computed = (node: Node) => node.inputs.filter((name) => name !== "" && !isConstant(index, name));
  const fits = (node: Node): boolean =>
    node.domain === "" &&
    (LINEAR.has(node.opType) || NONLINEAR.has(node.opType)) &&
    computed(node).every((name) => derived.has(name));
  const isLinear = (node: Node): boolean =>
    LINEAR.has(node.opType) &&
    (/^(Add|Sub)$/.test(node.opType) || (computed(node).length === 1 && derived.has(node.inputs[0] ?? "")));
  const isOpen = (name: string): boolean =>
    index.isOutput(name) || index.readers(name).some((reader) => !nodes.has(reader));
  const next = (): Node | undefined =>
    [...derived].flatMap((name) => index.readers(name)).find((node) => !nodes.has(node) && fits(node));
  for (let node = next(); node !== undefined && nodes.size < MOST_NODES; node = next()) {
    const output = node.outputs[0] as string;
    nodes.add(node);
    derived.add(output);
    const isJoined = [...derived].every((name) => isOpen(name) === (name === output));
    // what begins with a product or a sum with a constant begins behind it
    if (isJoined && nodes.size === 1 && isLinear(node)) return undefined;
    if (isJoined && ![...nodes].every(isLinear))
      return { id: undefined, title: [...nodes].map(({ opType }) => opType).join(", "), output };
  }
  return undefined;
}
