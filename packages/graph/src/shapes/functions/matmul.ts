// Shapes of matrix products: MatMul and its quantized and fused forms, Gemm, Einsum, Det.
// ONNX: MatMul follows numpy.matmul, Einsum numpy.einsum.
import type { DataType } from "../../data-type.ts";
import { attr, type Node } from "../../model.ts";
import type { ShapeFunction } from "../value-type.ts";
import { broadcast, type Dims, given, mismatch, type ShapeTable, show, UNKNOWN } from "./support.ts";

/** numpy.matmul: a 1-D operand counts as a row (left) or column (right), and its axis is dropped. */
function matmulDims(node: Node, left: Dims, right: Dims): Dims {
  const a = left.length === 1 ? [1, ...left] : left;
  const b = right.length === 1 ? [...right, 1] : right;
  if (a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2))
    throw mismatch(node, `cannot multiply ${show(left)} by ${show(right)}.`);
  const dims = [...broadcast(node, [a.slice(0, -2), b.slice(0, -2)])];
  if (left.length > 1) dims.push(a.at(-2) as number);
  if (right.length > 1) dims.push(b.at(-1) as number);
  return dims;
}

const swapLast = (dims: Dims): Dims => [...dims.slice(0, -2), dims.at(-1) as number, dims.at(-2) as number];

/** [b1, …, bk, m] stored as [m, b1, …, bk]: the batch-transposed operands of FusedMatMul. */
const batchTransposed = (dims: Dims): Dims => [
  ...dims.slice(1, -1),
  dims[0] as number,
  dims.at(-1) as number,
];

/** A product of inputs `left` and `right`; the element type is given, or that of an input. */
const matmul =
  (left: number, right: number, type: DataType | number): ShapeFunction =>
  ({ node, inputs }) => {
    const a = inputs[left];
    const b = inputs[right];
    const dataType = typeof type === "number" ? inputs[type]?.dataType : type;
    if (a === undefined || b === undefined || dataType === undefined) return UNKNOWN;
    return [{ dataType, dims: matmulDims(node, a.dims, b.dims) }];
  };

const fusedMatMul = given(2, ({ node }, a, b) => {
  const operand = (dims: Dims, side: "A" | "B"): Dims => {
    const batch = attr.int(node, `transBatch${side}`, 0) === 1 ? batchTransposed(dims) : dims;
    return attr.int(node, `trans${side}`, 0) === 1 && batch.length > 1 ? swapLast(batch) : batch;
  };
  return [{ dataType: a.dataType, dims: matmulDims(node, operand(a.dims, "A"), operand(b.dims, "B")) }];
});

const gemmDims = (node: Node, a: Dims, b: Dims): Dims => {
  const left = attr.int(node, "transA", 0) === 1 ? swapLast(a) : a;
  const right = attr.int(node, "transB", 0) === 1 ? swapLast(b) : b;
  if (a.length !== 2 || b.length !== 2)
    throw mismatch(node, `expected matrices, got ${show(a)} and ${show(b)}.`);
  return matmulDims(node, left, right);
};

const gemm = given(2, ({ node }, a, b) => [{ dataType: a.dataType, dims: gemmDims(node, a.dims, b.dims) }]);

/** Quantized Gemm; without an output zero point (input 8) the result is float. */
const qGemm: ShapeFunction = ({ node, inputs }) => {
  const a = inputs[0];
  const b = inputs[3];
  if (a === undefined || b === undefined) return UNKNOWN;
  const quantized = (node.inputs[8] ?? "") !== "";
  return [{ dataType: quantized ? a.dataType : "float32", dims: gemmDims(node, a.dims, b.dims) }];
};

/** Labels of one Einsum operand; the dimensions that "..." covers become "0", "1", … counted from the right. */
function labelsOf(term: string, rank: number): string[] {
  const [before = "", after] = term.split("...");
  if (after === undefined) return [...before];
  const covered = rank - before.length - after.length;
  return [...before, ...Array.from({ length: covered }, (_, i) => `${covered - 1 - i}`), ...after];
}

/** The output labels of an equation without "->": those that occur once, in alphabetical order, after the ellipsis. */
function implicitLabels(operands: readonly string[][]): string[] {
  const all = operands.flat();
  const ellipsis = [...new Set(all.filter((l) => l >= "0" && l <= "9"))].sort().reverse();
  const once = [...new Set(all)].filter((l) => /[a-zA-Z]/.test(l) && all.indexOf(l) === all.lastIndexOf(l));
  return [...ellipsis, ...once.sort()];
}

const einsum: ShapeFunction = ({ node, inputs }) => {
  const [first] = inputs;
  if (first === undefined || inputs.includes(undefined)) return UNKNOWN;
  const [left = "", right] = attr.string(node, "equation").replaceAll(" ", "").split("->");
  const operands = left.split(",").map((term, i) => labelsOf(term, inputs[i]?.dims.length ?? 0));
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) => {
    const dims = inputs[i]?.dims ?? [];
    if (labels.length !== dims.length)
      throw mismatch(node, `"${left}" does not fit operand ${i}, ${show(dims)}.`);
    labels.forEach((label, axis) => {
      const size = dims[axis] as number;
      const other = sizes.get(label) ?? 1;
      if (size !== 1 && other !== 1 && size !== other)
        throw mismatch(node, `index "${label}" is both ${other} and ${size}.`);
      sizes.set(label, Math.max(size, other));
    });
  });
  const covered = Math.max(
    0,
    ...[...sizes.keys()].filter((l) => l >= "0" && l <= "9").map((l) => Number(l) + 1),
  );
  const labels =
    right === undefined
      ? implicitLabels(operands)
      : labelsOf(right, right.replace("...", "").length + (right.includes("...") ? covered : 0));
  return [{ dataType: first.dataType, dims: labels.map((label) => sizes.get(label) ?? 1) }];
};

const det = given(1, (_, x) => [{ dataType: x.dataType, dims: x.dims.slice(0, -2) }]);

/** Weights packed to N bits: [..., K] by K × N. */
const matMulNBits = given(1, ({ node }, a) => [
  { dataType: a.dataType, dims: [...a.dims.slice(0, -1), attr.int(node, "N")] },
]);

export const matrixProducts: ShapeTable = {
  MatMul: matmul(0, 1, 0),
  MatMulInteger: matmul(0, 1, "int32"),
  QLinearMatMul: matmul(0, 3, 7),
  Gemm: gemm,
  Einsum: einsum,
  Det: det,
  "com.microsoft::FusedMatMul": fusedMatMul,
  "com.microsoft::TransposeMatMul": fusedMatMul,
  "com.microsoft::FusedGemm": gemm,
  "com.microsoft::GemmFastGelu": matmul(0, 1, 0),
  "com.microsoft::MatMulIntegerToFloat": matmul(0, 1, 2),
  "com.microsoft::DynamicQuantizeMatMul": matmul(0, 1, 0),
  "com.microsoft::QGemm": qGemm,
  "com.microsoft::MatMulNBits": matMulNBits,
};
