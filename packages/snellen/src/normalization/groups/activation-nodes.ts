// The activation that follows a value, however it is written: one node, or several that an exporter made of it.
import { attr, fuseGelu, indexGraph, type Model, type Node, patterns } from "@snellen/graph";

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
  return found;
}
