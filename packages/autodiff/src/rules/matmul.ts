// Gradients of matrix products. Transposes are written out: ONNX Runtime fuses them into the product.
import { attr, type GraphBuilder } from "@snellen/graph";
import { reshapeLike, sumToShape } from "../broadcast.ts";
import { scaled } from "../emit.ts";
import type { Rule } from "../rule.ts";

// y = α·A′B′ + βC:  dA′ = α·dy·B′ᵀ, dB′ = α·A′ᵀ·dy, dC = β·dy
export const Gemm: Rule = ({ b, node, x, dy, needs }) => {
  const [a, w] = x as [string, string];
  const transA = attr.int(node, "transA", 0);
  const transB = attr.int(node, "transB", 0);
  const alpha = { float: attr.float(node, "alpha", 1) };
  const gemm = (left: string, right: string, tA: number, tB: number) =>
    b.op("Gemm", [left, right], { alpha, transA: tA, transB: tB });
  const da = () => (transA === 0 ? gemm(dy, w, 0, 1 - transB) : gemm(w, dy, transB, 1));
  const dw = () => (transB === 0 ? gemm(a, dy, 1 - transA, 0) : gemm(dy, a, 1, transA));
  return [
    needs(0) ? da() : null,
    needs(1) ? dw() : null,
    needs(2) ? scaled(b, dy, attr.float(node, "beta", 1)) : null,
  ];
};

/** The last two axes swapped. */
const transposed = (b: GraphBuilder, value: string): string => {
  const axes = [...Array(b.rank(value)).keys()];
  return b.op("Transpose", [value], { perm: [...axes.slice(0, -2), ...axes.slice(-2).reverse()] });
};

// y = A·B:  dA = dy·Bᵀ, dB = Aᵀ·dy; vectors are a row on the left, a column on the right
export const MatMul: Rule = ({ b, x, dy, needs }) => {
  const [a, w] = x as [string, string];
  const isRow = b.rank(a) === 1;
  const isColumn = b.rank(w) === 1;
  const left = isRow ? b.op("Unsqueeze", [a, b.ints([0])]) : a;
  const right = isColumn ? b.op("Unsqueeze", [w, b.ints([1])]) : w;
  const added = [...(isRow ? [-2] : []), ...(isColumn ? [-1] : [])];
  const seed = added.length === 0 ? dy : b.op("Unsqueeze", [dy, b.ints(isRow && isColumn ? [0, 1] : added)]);
  return [
    needs(0) ? reshapeLike(b, byLeftOperand(b, left, right, seed), a) : null,
    needs(1) ? reshapeLike(b, byRightOperand(b, left, right, seed), w) : null,
  ];
};

const rows = (b: GraphBuilder, value: string): string =>
  b.rank(value) === 2 ? value : b.op("Reshape", [value, b.ints([-1, b.dims(value).at(-1) as number])]);

/**
 * dy·Bᵀ; for one matrix B a Gemm that reads it transposed: ONNX Runtime would fold a Transpose of a weight into a second copy of
 * it at load.
 */
function byLeftOperand(b: GraphBuilder, left: string, right: string, dy: string): string {
  if (b.rank(right) > 2 || b.rank(left) < b.rank(dy)) {
    return sumToShape(b, b.op("MatMul", [dy, transposed(b, right)]), left);
  }
  return reshapeLike(b, b.op("Gemm", [rows(b, dy), right], { transB: 1 }), left);
}

/** Aᵀ·dy; for one matrix under a batch of A the batch goes into the product instead of a sum over products. */
function byRightOperand(b: GraphBuilder, left: string, right: string, dy: string): string {
  if (b.rank(right) > 2 || b.rank(left) === 2) {
    return sumToShape(b, b.op("MatMul", [transposed(b, left), dy]), right);
  }
  return b.op("Gemm", [rows(b, left), rows(b, dy)], { transA: 1 });
}
