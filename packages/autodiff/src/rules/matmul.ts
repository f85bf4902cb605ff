// Gradients of matrix products.
import { attr } from "@snellen/graph";
import type { Rule } from "../rule.ts";

// y = α·A′B′ + βC:  dA′ = α·dy·B′ᵀ, dB′ = α·A′ᵀ·dy, dC = β·dy
export const Gemm: Rule = ({ b, node, x, dy, needs }) => {
  const [a, w] = x as [string, string];
  const transA = attr.int(node, "transA", 0);
  const transB = attr.int(node, "transB", 0);
  const alpha = { float: attr.float(node, "alpha", 1) };
  const beta = attr.float(node, "beta", 1);
  const gemm = (left: string, right: string, tA: number, tB: number) =>
    b.op("Gemm", [left, right], { alpha, transA: tA, transB: tB });
  const da = () => (transA === 0 ? gemm(dy, w, 0, 1 - transB) : gemm(w, dy, transB, 1));
  const dw = () => (transB === 0 ? gemm(a, dy, 1 - transA, 0) : gemm(dy, a, 1, transA));
  const dc = () => (beta === 1 ? dy : b.op("Mul", [dy, b.scalar(beta, dy)]));
  return [needs(0) ? da() : null, needs(1) ? dw() : null, needs(2) ? dc() : null];
};
