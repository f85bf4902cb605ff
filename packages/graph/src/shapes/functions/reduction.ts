// Shapes of reductions: Reduce*, ArgMax/ArgMin, TopK, and detection's selection operators, whose output depends on the data.
// ONNX: ReduceSum 13, ReduceMean 18 (axes as input), TopK 11, NonMaxSuppression 11.
import { attr } from "../../model.ts";
import { axisOf, each, frontAxis, given, listOf, type ShapeTable, UNKNOWN, unknown } from "./support.ts";

const REDUCTIONS = [
  ..."ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin".split(" "),
  ..."ReduceProd ReduceSum ReduceSumSquare".split(" "),
];

const reduce = given(1, (context, x) => {
  const { node } = context;
  const given = listOf(context, 1, "axes");
  if (given === undefined) return UNKNOWN;
  const noAxes = given === "absent" || given.length === 0;
  if (noAxes && attr.int(node, "noop_with_empty_axes", 0) === 1)
    return [{ dataType: x.dataType, dims: x.dims }];
  const rank = x.dims.length;
  const axes = new Set(noAxes ? x.dims.keys() : given.map((a) => frontAxis(node, a, rank)));
  const keep = attr.int(node, "keepdims", 1) === 1;
  const dims = keep ? x.dims.map((d, i) => (axes.has(i) ? 1 : d)) : x.dims.filter((_, i) => !axes.has(i));
  return [{ dataType: x.dataType, dims }];
});

const argReduce = given(1, ({ node }, x) => {
  const axis = axisOf(node, x.dims.length, 0);
  const keep = attr.int(node, "keepdims", 1) === 1;
  const dims = keep ? x.dims.map((d, i) => (i === axis ? 1 : d)) : x.dims.filter((_, i) => i !== axis);
  return [{ dataType: "int64", dims }];
});

const topK = given(1, (context, x) => {
  const { node, inputs } = context;
  const k = attr.has(node, "k") ? attr.int(node, "k") : inputs[1]?.value?.[0];
  if (k === undefined) return UNKNOWN;
  const axis = axisOf(node, x.dims.length, -1);
  const dims = x.dims.map((d, i) => (i === axis ? k : d));
  return [
    { dataType: x.dataType, dims },
    { dataType: "int64", dims },
  ];
});

export const reduction: ShapeTable = {
  ...each(REDUCTIONS, reduce),
  ArgMax: argReduce,
  ArgMin: argReduce,
  TopK: topK,
  NonMaxSuppression: unknown,
};
