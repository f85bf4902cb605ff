// Norms and logarithmic sums as sums. Source: the ONNX operators' definitions.

import { codeOfDataType } from "../../data-type.ts";
import { attr, type Node } from "../../model.ts";
import type { ExpandContext, ExpansionTable } from "../expand-operators.ts";
import { input, spatialAxes } from "./support.ts";

/** ReduceSum of `x` in place of the node's input, with its axes and flags. */
const sumLike = (node: Node, x: string, { emit }: ExpandContext): string =>
  emit.op("ReduceSum", [x, ...node.inputs.slice(1)], {
    keepdims: node.attributes.keepdims,
    noop_with_empty_axes: node.attributes.noop_with_empty_axes,
  });

const square = ({ emit }: ExpandContext, x: string): string => emit.op("Mul", [x, x]);

/** log Σ exp(x) = m + log Σ exp(x - m), with m the maximum: nothing overflows. */
function logSumExp(node: Node, context: ExpandContext): string {
  const { emit, constant, dims, fail } = context;
  const [x, axesInput] = [input(node, 0), input(node, 1)];
  const given = constant(axesInput);
  if (axesInput !== "" && given === undefined) return fail("its axes are computed");
  if (given?.length === 0 && attr.int(node, "noop_with_empty_axes", 0) === 1) return x;
  const axes = given?.length ? given : dims(x).map((_, axis) => axis);
  const names = emit.ints(axes);
  const top = emit.op("ReduceMax", [x, names], { keepdims: 1 });
  const sum = emit.op("ReduceSum", [emit.op("Exp", [emit.op("Sub", [x, top])]), names], { keepdims: 1 });
  const result = emit.op("Add", [emit.op("Log", [sum]), top]);
  return attr.int(node, "keepdims", 1) === 1 ? result : emit.op("Squeeze", [result, names]);
}

export const reduction: ExpansionTable = {
  ReduceL1: (node, context) => sumLike(node, context.emit.op("Abs", [input(node, 0)]), context),
  ReduceL2: (node, context) =>
    context.emit.op("Sqrt", [sumLike(node, square(context, input(node, 0)), context)]),
  ReduceSumSquare: (node, context) => sumLike(node, square(context, input(node, 0)), context),
  ReduceLogSum: (node, context) => context.emit.op("Log", [sumLike(node, input(node, 0), context)]),
  ReduceLogSumExp: logSumExp,

  /** (Σ |x|^p)^(1/p) over all but batch and channel. */
  GlobalLpPool: (node, { emit, dims, scalar }) => {
    const x = input(node, 0);
    const p = attr.int(node, "p", 2);
    const axes = emit.ints(spatialAxes(dims(x).length));
    if (p === 2) return emit.op("Sqrt", [emit.op("ReduceSum", [emit.op("Mul", [x, x]), axes])]);
    const size = emit.op("Abs", [x]);
    if (p === 1) return emit.op("ReduceSum", [size, axes]);
    const sum = emit.op("ReduceSum", [emit.op("Pow", [size, scalar(p, x)]), axes]);
    return emit.op("Pow", [sum, scalar(1 / p, x)]);
  },

  /** x / ‖x‖_p along one axis; 0 where the norm is 0. */
  LpNormalization: (node, { emit, scalar }) => {
    const x = input(node, 0);
    const axes = emit.ints([attr.int(node, "axis", -1)]);
    const norm =
      attr.int(node, "p", 2) === 1
        ? emit.op("ReduceSum", [emit.op("Abs", [x]), axes])
        : emit.op("Sqrt", [emit.op("ReduceSum", [emit.op("Mul", [x, x]), axes])]);
    const isZero = emit.op("Equal", [norm, scalar(0, x)]);
    return emit.op("Div", [x, emit.op("Where", [isZero, scalar(1, x), norm])]);
  },

  CastLike: (node, { emit, dataType }) =>
    emit.op("Cast", [input(node, 0)], { to: codeOfDataType(dataType(input(node, 1))) }),
};
