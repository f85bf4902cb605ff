// Gradients of matrix products. Transposes are written out: ONNX Runtime fuses them into the product, but where that is slower.
import { attr, BATCH, type GraphBuilder } from "@snellen/graph";
import { reshapeLike, sumToShape } from "../broadcast.ts";
import { scaled } from "../emit.ts";
import type { Rule } from "../rule.ts";
import { product } from "../window.ts";

// y = α·A′B′ + βC:  dA′ = α·dy·B′ᵀ, dB′ = α·A′ᵀ·dy, dC = β·dy
export const Gemm: Rule = ({ b, node, x, dy, needs }) => {
  const [a, w] = x as [string, string];
  const transA = attr.int(node, "transA", 0);
  const transB = attr.int(node, "transB", 0);
  const alpha = { float: attr.float(node, "alpha", 1) };
  const gemm = (left: string, right: string, tA: number, tB: number) =>
    b.op("Gemm", [left, right], { alpha, transA: tA, transB: tB });
  const da = () => (transA === 0 ? gemm(dy, w, 0, 1 - transB) : gemm(w, dy, transB, 1));
  const columns = transA === 0 ? () => turned(b, a) : () => a;
  const dw = () => (transB === 0 ? gemm(columns(), dy, 0, 0) : gemm(turned(b, dy), a, 0, transA));
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
  if (b.rank(right) > 2 || b.dims(left).at(-1) === BATCH) {
    return sumToShape(b, b.op("MatMul", [transposed(b, left), dy]), right);
  }
  return b.op("Gemm", [turned(b, left), rows(b, dy)]);
}

/**
 * The last axis in front of all others, which become one: [64, 65, 192] → [192, 4160]. ONNX Runtime fuses a Transpose into the
 * product, but not through the Reshape, and its product with a transposed left operand is slower than both together (times a
 * [4160, 768]: 21 against 14 ms).
 */
function turned(b: GraphBuilder, value: string): string {
  const wide = b.rank(value) === 2 ? b.op("Unsqueeze", [value, b.ints([1])]) : value;
  const last = b.rank(wide) - 1;
  const front = b.op("Transpose", [wide], { perm: [last, ...Array(last).keys()] });
  const [size, ...others] = b.dims(front) as [number, ...number[]];
  const length = others.includes(BATCH) ? BATCH : product(others);
  return b.op("Reshape", [front, b.ints(size === BATCH && length === BATCH ? [0, -1] : [size, length])]);
}
