// GELU written out in elementary operators, as exporters do below opset 20, becomes one Gelu: its gradient shares the erf.
// Hendrycks & Gimpel 2016. ONNX Runtime itself fuses only one of these orders, and none once a gradient reads the parts.
import { either, findMatches, indexGraph, op, type Pattern, scalar, value } from "../match.ts";
import { type Model, makeNode, type Node, withGraph } from "../model.ts";
import { removeDead } from "./remove-dead.ts";
import { upgradeOpset } from "./upgrade-opset.ts";

/** First operator set with Gelu. */
const GELU_OPSET = 20;

const x = value("x");
/** Product of three factors in any grouping. */
const product = (a: Pattern, b: Pattern, c: Pattern): Pattern =>
  either(
    op("Mul", [op("Mul", [a, b]), c]),
    op("Mul", [op("Mul", [a, c]), b]),
    op("Mul", [op("Mul", [b, c]), a]),
  );

const erf = op("Erf", [either(op("Div", [x, scalar(Math.SQRT2)]), op("Mul", [x, scalar(Math.SQRT1_2)]))]);
const exact = product(x, op("Add", [erf, scalar(1)]), scalar(0.5));

const cube = either(op("Pow", [x, scalar(3)]), op("Mul", [x, op("Mul", [x, x])]));
const cubic = either(
  op("Add", [x, op("Mul", [cube, scalar(0.044715)])]),
  op("Add", [x, op("Mul", [x, op("Mul", [op("Mul", [x, x]), scalar(0.044715)])])]),
  op("Add", [x, op("Mul", [x, op("Mul", [x, op("Mul", [x, scalar(0.044715)])])])]),
);
const inner = either(
  op("Mul", [cubic, scalar(Math.sqrt(2 / Math.PI))]),
  op("Mul", [
    x,
    op("Mul", [
      op("Add", [op("Mul", [op("Mul", [x, x]), scalar(0.044715)]), scalar(1)]),
      scalar(Math.sqrt(2 / Math.PI)),
    ]),
  ]),
);
const approximate = product(x, op("Add", [op("Tanh", [inner]), scalar(1)]), scalar(0.5));

/**
 * Case 1: ½ x (1 + erf(x / √2)), in any order of the factors → Gelu.
 * Case 2: ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) in the orders that exporters use → Gelu with approximate = tanh.
 * A model with either is raised to opset 20.
 */
export function fuseGelu(model: Model): Model {
  const index = indexGraph(model);
  const fused = new Map<Node, Node>();
  for (const [pattern, approximation] of [
    [exact, "none"],
    [approximate, "tanh"],
  ] as const) {
    for (const { root, values } of findMatches(pattern, index)) {
      const attributes = { approximate: approximation };
      fused.set(root, makeNode("Gelu", [values.x ?? ""], root.outputs, { name: root.name, attributes }));
    }
  }
  if (fused.size === 0) return model;
  const nodes = model.graph.nodes.map((node) => fused.get(node) ?? node);
  const raised = upgradeOpset(model, { target: GELU_OPSET });
  if (raised === model) return removeDead(withGraph(model, { nodes }));
  return fuseGelu(raised);
}
