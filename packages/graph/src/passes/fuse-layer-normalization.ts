// Layer normalization written out in elementary operators, as exporters do below opset 17, becomes one LayerNormalization:
// one node to read, and a gradient from its own statistics instead of nine chained rules. Ba et al. 2016.

import type { DataType } from "../data-type.ts";
import {
  constant,
  either,
  findMatches,
  type GraphIndex,
  indexGraph,
  op,
  type Pattern,
  scalar,
  value,
} from "../match.ts";
import { attr, type Model, makeNode, type Node, opsetOf, withGraph } from "../model.ts";
import { BATCH, dataTypeOf, dimsOf, type Shapes } from "../shapes/shapes.ts";
import { elementCount, makeTensor, type Tensor, tensorNumbers } from "../tensor.ts";
import { createEmitter, withEmitted } from "./emitter.ts";
import { removeDead } from "./remove-dead.ts";

const mean = (x: Pattern, as: string): Pattern => op("ReduceMean", [x, constant(`${as}Axes`)], { as });
const centred = op("Sub", [value("x"), mean(value("x"), "mean")]);
const squared = either(op("Pow", [centred, scalar(2)]), op("Mul", [centred, centred]));
const deviation = op("Sqrt", [op("Add", [mean(squared, "variance"), constant("epsilon")])]);
const normal = either(
  op("Div", [centred, deviation]),
  op("Mul", [centred, either(op("Reciprocal", [deviation]), op("Div", [scalar(1), deviation]))]),
);
const scaled = op("Mul", [normal, constant("scale")]);

/** Longest first: what matches with scale and bias is not looked at again without. */
const FORMS: readonly Pattern[] = [op("Add", [scaled, constant("bias")]), scaled, normal];

/**
 * Case 1: (x - mean) / √(mean (x - mean)² + ε) · scale + bias, over the last axes → LayerNormalization(x, scale, bias).
 * Case 2: the same without bias, or without scale and bias → LayerNormalization with ones.
 * The square may be Pow or Mul; the division Div, Mul by Reciprocal, or Mul by 1 / ….
 *
 * Not: means over other axes or with keepdims 0, scales that do not have the dimensions of those axes, ε with several elements.
 * @param shapes gives ranks; a value of unknown shape is left as it is
 */
export function fuseLayerNormalization(model: Model, shapes: Shapes): Model {
  if (opsetOf(model) < 17) return model;
  const index = indexGraph(model);
  const emitter = createEmitter(model, shapes);
  const replaced = new Map<Node, Node>();
  const taken = new Set<Node>();
  for (const form of FORMS) {
    for (const found of findMatches(form, index)) {
      if (found.matched.some((n) => n.opType !== "ReduceMean" && n.opType !== "Sub" && taken.has(n)))
        continue;
      const fit = fitOf(found.values, found.nodes, index, shapes);
      if (fit === undefined) continue;
      for (const node of found.matched) taken.add(node);
      emitter.at(found.root.name || found.root.outputs[0] || "");
      const scale = found.values.scale ?? emitter.tensor(ones(fit.dataType, fit.dims), "ones");
      const inputs = [
        found.values.x ?? "",
        scale,
        ...(found.values.bias === undefined ? [] : [found.values.bias]),
      ];
      const attributes = { axis: fit.axis, epsilon: { float: fit.epsilon } };
      const { name, outputs } = found.root;
      replaced.set(found.root, makeNode("LayerNormalization", inputs, outputs, { name, attributes }));
    }
  }
  if (replaced.size === 0) return model;
  const nodes = model.graph.nodes.map((node) => replaced.get(node) ?? node);
  return removeDead(withGraph(model, { nodes, initializers: withEmitted(model, emitter) }));
}

const ones = (dataType: DataType, dims: readonly number[]): Tensor =>
  makeTensor(dataType, dims, new Array<number>(elementCount(dims)).fill(1));

interface Fit {
  /** First normalized axis. */
  readonly axis: number;
  readonly epsilon: number;
  /** Dimensions of the normalized axes. */
  readonly dims: readonly number[];
  readonly dataType: DataType;
}

/** The parameters of the fused node, when the pattern means layer normalization. */
function fitOf(
  values: Readonly<Record<string, string>>,
  nodes: Readonly<Record<string, Node>>,
  index: GraphIndex,
  shapes: Shapes,
): Fit | undefined {
  const read = (name: string): number[] => {
    const tensor = index.initializer(values[name] ?? "");
    return tensor === undefined ? [] : tensorNumbers(tensor);
  };
  const dims = dimsOf(shapes, values.x ?? "");
  const dataType = dataTypeOf(shapes, values.x ?? "");
  const [epsilon, more] = read("epsilon");
  const reductions = [nodes.mean, nodes.variance];
  if (dims === undefined || dataType === undefined || epsilon === undefined || more !== undefined)
    return undefined;
  if (reductions.some((n) => n === undefined || attr.int(n, "keepdims", 1) !== 1)) return undefined;
  const axes = ["meanAxes", "varianceAxes"].map((name) =>
    read(name)
      .map((a) => (a < 0 ? a + dims.length : a))
      .sort((a, b) => a - b),
  );
  const [first, second] = axes as [number[], number[]];
  const axis = dims.length - first.length;
  const last = first.length > 0 && first.every((a, i) => a === axis + i && second[i] === a);
  if (!last || first.length !== second.length) return undefined;
  const normalized = dims.slice(axis);
  const fits = ["scale", "bias"].every((name) => {
    const own = index.initializer(values[name] ?? "");
    return (
      own === undefined ||
      (own.dims.length === normalized.length && own.dims.every((d, i) => d === normalized[i]))
    );
  });
  return fits && !normalized.includes(BATCH)
    ? { axis: axis - dims.length, epsilon, dims: normalized, dataType }
    : undefined;
}
