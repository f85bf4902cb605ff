// What ONNX Runtime's dynamic quantization writes: x is quantized by its own range, integers are multiplied, and their sums scaled to
// real numbers. Between dequantized operands it is the layer that was quantized, which rounds x as before.
// Source: onnxruntime.quantization.quantize_dynamic; ONNX DynamicQuantizeLinear 11, ConvInteger 10, MatMulInteger 10.
import { findMatches, type GraphIndex, indexGraph, op, type Pattern, value } from "../match.ts";
import { type Model, makeNode, type Node } from "../model.ts";
import { dimsOf, type Shapes } from "../shapes/shapes.ts";
import { elementCount } from "../tensor.ts";
import { createEmitter, withEmitted } from "./emitter.ts";
import { removeDead } from "./remove-dead.ts";

/** The sums of products, times the product of both scales. */
const SCALED: Pattern = op("Mul", [
  op("Cast", [op(["ConvInteger", "MatMulInteger"], [], { as: "product" })]),
  op("Mul", [value("scale"), value("otherScale")]),
]);

/** Integers that stand for real numbers: inputs of DequantizeLinear. */
interface Operand {
  readonly integers: string;
  readonly scale: string;
  readonly zero: string;
}

/**
 * Case 1: DynamicQuantizeLinear → ConvInteger → Cast → Mul by both scales → Conv of the dequantized operands.
 * Case 2: the same with MatMulInteger, of weights with a scale a column or of two quantized values too → MatMul.
 * Values keep their names.
 * @param shapes gets the types of new values
 */
export function openIntegerProducts(model: Model, shapes: Shapes): Model {
  const index = indexGraph(model);
  const emit = createEmitter(model, shapes);
  const opened = new Map<Node, Node[]>();
  for (const { root, values, nodes } of findMatches(SCALED, index)) {
    const product = nodes.product as Node;
    const operands = operandsOf(index, product, values.scale as string, values.otherScale as string);
    if (operands === undefined) continue;
    const axes = operands.map((operand, i) => axisOf(shapes, product, operand, i));
    if (axes.includes("unknown")) continue;
    emit.at(product.name || (product.outputs[0] as string));
    const real = operands.map(({ integers, scale, zero }, i) =>
      emit.op("DequantizeLinear", zero === "" ? [integers, scale] : [integers, scale, zero], {
        axis: axes[i] as number | undefined,
      }),
    );
    const { name, attributes } = product;
    const opType = product.opType === "ConvInteger" ? "Conv" : "MatMul";
    opened.set(root, [...emit.drain(), makeNode(opType, real, root.outputs, { name, attributes })]);
  }
  if (opened.size === 0) return model;
  const nodes = model.graph.nodes.flatMap((node) => opened.get(node) ?? [node]);
  return removeDead({ ...model, graph: { ...model.graph, nodes, initializers: withEmitted(model, emit) } });
}

/** Left and right, each with its scale; undefined where neither was quantized by its range, or the scales are not theirs. */
function operandsOf(index: GraphIndex, { inputs }: Node, a: string, b: string): Operand[] | undefined {
  const [left = "", right = "", leftZero = "", rightZero = ""] = inputs;
  const own = [left, right].map((integers) => {
    const node = index.producer(integers);
    return node?.opType === "DynamicQuantizeLinear" ? node.outputs[1] : undefined;
  });
  const fits = ([s, t]: readonly [string, string]): boolean =>
    own.some((scale) => scale !== undefined) && (own[0] ?? s) === s && (own[1] ?? t) === t;
  const scales = (
    [
      [a, b],
      [b, a],
    ] as const
  ).find(fits);
  return (
    scales && [
      { integers: left, scale: scales[0], zero: leftZero },
      { integers: right, scale: scales[1], zero: rightZero },
    ]
  );
}

/** Where several scales belong; undefined for a single one. */
function axisOf(
  shapes: Shapes,
  { opType }: Node,
  { scale, zero }: Operand,
  place: number,
): number | undefined | "unknown" {
  const [scales, zeros] = [dimsOf(shapes, scale), zero === "" ? undefined : dimsOf(shapes, zero)];
  if (scales === undefined) return "unknown";
  const count = elementCount(scales);
  if (zero !== "" && (zeros === undefined || elementCount(zeros) !== count)) return "unknown";
  if (count === 1) return scales.length <= 1 ? undefined : "unknown";
  return opType === "MatMulInteger" && place === 1 && scales.length === 1 ? -1 : "unknown";
}
