// A transformer's block: attention and a two-layer perceptron, each a branch beside a shortcut. Names: timm's.
// Vaswani et al. 2017 (layer normalization behind each sum), arXiv:2002.04745 (in front of each branch).
import type { NetworkWriter } from "./network-writer.ts";

/** Of all layer normalizations; timm's. */
export const VIT_EPSILON = 1e-6;

export interface BlockShape {
  /** Numbers of a token. */
  readonly width: number;
  readonly heads: number;
  /** Width of the perceptron's inner layer. */
  readonly hidden: number;
  readonly tokens: number;
  readonly layerNorm: "pre" | "post";
}

/** [N, tokens, width] → the same. */
export function transformerBlock(network: NetworkWriter, name: string, x: string, shape: BlockShape): string {
  const branches = [
    ["attn", attention],
    ["mlp", perceptron],
  ] as const;
  return branches.reduce((value, [part, branch], k) => {
    const normalized = (v: string) => network.layerNorm(`${name}.norm${k + 1}`, v, VIT_EPSILON);
    const path = `${name}.${part}`;
    const read = shape.layerNorm === "pre" ? normalized(value) : value;
    const h = branch(network, path, read, shape);
    const sum = network.b.scoped(path, () => network.b.op("Add", [value, h]));
    return shape.layerNorm === "pre" ? sum : normalized(sum);
  }, x);
}

/** Queries, keys and values are one layer's output, in this order. */
function attention(network: NetworkWriter, name: string, x: string, shape: BlockShape): string {
  const { b } = network;
  const { width, heads, tokens } = shape;
  const packed = network.linear(`${name}.qkv`, x, 3 * width);
  return b.scoped(name, () => {
    const parts = b.ops("Split", [packed, b.ints([width, width, width])], 3, { axis: 2 });
    const sizes = b.ints([0, tokens, heads, width / heads]);
    const [query, key, value] = parts.map((part) => b.op("Reshape", [part, sizes])) as [
      string,
      string,
      string,
    ];
    const scale = b.op("Constant", [], { value_float: { float: 1 / Math.sqrt(width / heads) } });
    const scaled = b.op("Mul", [b.op("Transpose", [query], { perm: [0, 2, 1, 3] }), scale]);
    const scores = b.op("MatMul", [scaled, b.op("Transpose", [key], { perm: [0, 2, 3, 1] })]);
    const weights = b.op("Softmax", [scores], { axis: -1 });
    const mixed = b.op("MatMul", [weights, b.op("Transpose", [value], { perm: [0, 2, 1, 3] })]);
    const joined = b.op("Transpose", [mixed], { perm: [0, 2, 1, 3] });
    return network.linear(`${name}.proj`, b.op("Reshape", [joined, b.ints([0, tokens, width])]), width);
  });
}

const perceptron = (network: NetworkWriter, name: string, x: string, { width, hidden }: BlockShape): string =>
  network.linear(`${name}.fc2`, network.activate(network.linear(`${name}.fc1`, x, hidden), "gelu"), width);
