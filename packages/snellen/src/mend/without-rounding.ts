// A quantized model rounds its values again and again: the least difference in front makes whole steps behind. To tell whether two
// models compute the same, both are run without. Codes also end somewhere, and that stays: quantizers leave a ReLU to the least code
// (onnxruntime.quantization, QDQRemovableActivation), without which another network would be compared.
import {
  createEmitter,
  type Emitter,
  elementCount,
  liftConstants,
  type Model,
  makeNode,
  type Node,
  type Tensor,
  withEmitted,
  withGraph,
} from "@snellen/graph";

/** Beyond all that codes reach. */
const FAR = 1e30;

/** What is quantized and at once dequantized passes unchanged, up to the least and the greatest that its codes stand for. */
export function withoutRounding(model: Model): Model {
  const quantizers = new Map(
    model.graph.nodes.flatMap((node) =>
      node.opType === "QuantizeLinear" ? [[node.outputs[0] as string, node]] : [],
    ),
  );
  if (quantizers.size === 0) return model;
  const lifted = liftConstants(model);
  const emit = createEmitter(lifted);
  const nodes = lifted.graph.nodes.flatMap((node) => {
    const quantizer =
      node.opType === "DequantizeLinear" ? quantizers.get(node.inputs[0] as string) : undefined;
    if (quantizer === undefined) return [node];
    const [value = "", scale = ""] = quantizer.inputs;
    const { outputs, name } = node;
    const step = lifted.graph.initializers.get(scale);
    // weights with a scale a channel lie within their codes
    if (step === undefined || elementCount(step.dims) !== 1)
      return [makeNode("Identity", [value], outputs, { name })];
    const least = through(emit, quantizer, node, -FAR, step);
    const above = emit.op("Max", [value, least]);
    const greatest = through(emit, quantizer, node, FAR, step);
    return [...emit.drain(), makeNode("Min", [above, greatest], outputs, { name })];
  });
  return withGraph(lifted, { nodes, initializers: withEmitted(lifted, emit) });
}

/** A number as it comes out of both, which the runtime computes once. */
function through(
  emit: Emitter,
  quantizer: Node,
  dequantizer: Node,
  value: number,
  { dataType }: Tensor,
): string {
  const given = emit.scalar(value, dataType);
  const codes = emit.op(
    quantizer.opType,
    [given, ...quantizer.inputs.slice(1)],
    quantizer.attributes,
    quantizer.domain,
  );
  return emit.op(
    dequantizer.opType,
    [codes, ...dequantizer.inputs.slice(1)],
    dequantizer.attributes,
    dequantizer.domain,
  );
}
