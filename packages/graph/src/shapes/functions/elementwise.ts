// Shapes of operators that work element by element: unary, broadcasting, comparisons and casts.
// ONNX: "Broadcasting in ONNX", multidirectional rule.
import { dataTypeOfCode } from "../../data-type.ts";
import { attr } from "../../model.ts";
import type { ShapeFunction } from "../value-type.ts";
import { broadcast, each, given, likeFirst, likeFirstAs, type ShapeTable, UNKNOWN } from "./support.ts";

const UNARY = [
  ..."Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu".split(
    " ",
  ),
  ..."HardSigmoid HardSwish Hardmax Identity LeakyRelu Log LogSoftmax Mish Neg Not PRelu Reciprocal".split(
    " ",
  ),
  ..."Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh".split(" "),
  ..."ThresholdedRelu CumSum CumProd".split(" "),
];

const VARIADIC = [
  ..."Add Sub Mul Div Mod Max Min Sum Mean And Or Xor".split(" "),
  ..."BitShift BitwiseAnd BitwiseOr BitwiseXor".split(" "),
];

const COMPARISONS = ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"];

/** All inputs broadcast together; element type of the first. */
const broadcastAll: ShapeFunction = ({ node, inputs }) => {
  const [first] = inputs;
  if (first === undefined || inputs.includes(undefined)) return UNKNOWN;
  const dims = broadcast(
    node,
    inputs.map((type) => type?.dims ?? []),
  );
  return [{ dataType: first.dataType, dims }];
};

const compare = given(2, ({ node }, a, b) => [{ dataType: "bool", dims: broadcast(node, [a.dims, b.dims]) }]);

const where = given(3, ({ node }, condition, x, y) => [
  { dataType: x.dataType, dims: broadcast(node, [condition.dims, x.dims, y.dims]) },
]);

const cast = given(1, ({ node }, x) => {
  const dataType = dataTypeOfCode(attr.int(node, "to"));
  return dataType === undefined ? UNKNOWN : [{ dataType, dims: x.dims }];
});

const castLike = given(2, (_, x, target) => [{ dataType: target.dataType, dims: x.dims }]);

export const elementwise: ShapeTable = {
  ...each(UNARY, likeFirst),
  ...each(VARIADIC, broadcastAll),
  ...each(COMPARISONS, compare),
  ...each(["IsInf", "IsNaN"], likeFirstAs("bool")),
  Pow: broadcastAll,
  Where: where,
  Cast: cast,
  BitCast: cast,
  CastLike: castLike,
};
