// Finds every normalization of a graph, whatever form an exporter gave it.
import {
  attr,
  expandOperators,
  indexGraph,
  type Model,
  type Node,
  opsetOf,
  type Shapes,
} from "@snellen/graph";
import { normalizationForms } from "./forms/index.ts";
import { graphOrder, isConstant } from "./forms/support.ts";
import type { Normalization } from "./normalization.ts";

/**
 * Normalizations of values that follow the image; weights that a network normalizes are none.
 * @param model canonical (`info.model`), with its shapes
 * @returns in graph order; no node belongs to two, except that statistics with several scales go to the first of them
 */
export function findNormalizations(model: Model, shapes: Shapes): Normalization[] {
  const context = { index: indexGraph(model), shapes, opset: opsetOf(model) };
  const claimed = new Set<Node>();
  const found: Normalization[] = [];
  for (const form of normalizationForms) {
    for (const normalization of form.find(context)) {
      const nodes = normalization.nodes.filter((node) => !claimed.has(node));
      const last = context.index.producer(normalization.output);
      if (last === undefined || claimed.has(last) || isConstant(context.index, normalization.input)) continue;
      const shares = nodes.length < normalization.nodes.length;
      if (
        shares &&
        !found.some((other) => other.form === normalization.form && other.node === normalization.node)
      )
        continue;
      for (const node of nodes) claimed.add(node);
      found.push({ ...normalization, nodes });
    }
  }
  const order = graphOrder(context);
  return found.sort((a, b) => order(a.node, b.node));
}

const FUSED = new Set(
  ["SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "GroupNorm"].map(
    (op) => `com.microsoft::${op}`,
  ),
);

/**
 * ONNX Runtime's optimizer fuses residual sums (SkipLayerNormalization) and activations (GroupNorm with SiLU) into
 * normalizations. Whoever walks residual branches, or scales a normalization's output, looks at the graph without these.
 * @returns the same model when there are none
 * @throws UnsupportedError `cannot-expand` where such a node gives out its mean or deviation
 */
export function expandFusedNormalizations(model: Model, shapes: Shapes): { model: Model; shapes: Shapes } {
  return expandOperators(
    model,
    shapes,
    FUSED,
    (node) => node.opType !== "GroupNorm" || attr.int(node, "activation", 0) === 1,
  );
}
