// A quantized model rounds its values again and again: the least difference in front makes whole steps behind. To tell whether two
// models compute the same, both are run without.
import { type Model, makeNode, withGraph } from "@snellen/graph";

/** What is quantized and at once dequantized passes unchanged. */
export function withoutRounding(model: Model): Model {
  const quantized = new Map(
    model.graph.nodes.flatMap(({ opType, inputs, outputs }) =>
      opType === "QuantizeLinear" ? [[outputs[0] as string, inputs[0] as string]] : [],
    ),
  );
  if (quantized.size === 0) return model;
  const nodes = model.graph.nodes.map((node) => {
    const value = node.opType === "DequantizeLinear" ? quantized.get(node.inputs[0] as string) : undefined;
    return value === undefined ? node : makeNode("Identity", [value], node.outputs, { name: node.name });
  });
  return withGraph(model, { nodes });
}
