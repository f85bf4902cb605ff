// ONNX Runtime's own fused operators (com.microsoft), as its optimizer writes them into saved models.
// Source: ONNX Runtime, docs/ContribOperators.md; unclear points were decided by running the operator.
import { type Attribute, attr, type Node } from "../../model.ts";
import type { ExpandContext, ExpansionTable } from "../expand-operators.ts";
import { gelu, geluTanh, swish } from "./activations.ts";
import { dotProductAttention, mergeHeads, splitHeads } from "./attention.ts";
import { groupNormalization, rmsNormalization } from "./normalization.ts";
import { input } from "./support.ts";

const without = (node: Node, ...names: string[]): Record<string, Attribute> =>
  Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)));

const sum = ({ emit }: ExpandContext, terms: readonly string[]): string =>
  terms.filter((t) => t !== "").reduce((a, b) => emit.op("Add", [a, b]));

/** Activations that are fused behind a product, with up to two parameters. */
const FUSED: Readonly<
  Record<string, (context: ExpandContext, x: string, params: readonly number[]) => string>
> = {
  Relu: ({ emit }, x) => emit.op("Relu", [x]),
  Tanh: ({ emit }, x) => emit.op("Tanh", [x]),
  Sigmoid: ({ emit }, x) => emit.op("Sigmoid", [x]),
  LeakyRelu: ({ emit }, x, [alpha = 0.01]) => emit.op("LeakyRelu", [x], { alpha: { float: alpha } }),
  Clip: ({ emit, scalar }, x, [low = 0, high = 0]) => emit.op("Clip", [x, scalar(low, x), scalar(high, x)]),
  HardSigmoid: ({ emit }, x, [alpha = 0.2, beta = 0.5]) =>
    emit.op("HardSigmoid", [x], { alpha: { float: alpha }, beta: { float: beta } }),
};

function activate(context: ExpandContext, x: string, name: string, params: readonly number[]): string {
  if (name === "") return x;
  const activation = FUSED[name] ?? context.fail(`the fused activation ${name}`);
  return activation(context, x, params);
}

function fusedConv(node: Node, context: ExpandContext): string {
  const { emit } = context;
  const z = input(node, 3);
  const conv = emit.op(
    "Conv",
    trimmed(node.inputs.slice(0, 3)),
    without(node, "activation", "activation_params"),
  );
  const name = attr.string(node, "activation", "");
  return activate(context, sum(context, [conv, z]), name, attr.floats(node, "activation_params") ?? []);
}

function fusedGemm(node: Node, context: ExpandContext): string {
  const params = ["activation_alpha", "activation_beta"].flatMap((name) =>
    attr.has(node, name) ? [attr.float(node, name)] : [],
  );
  const attributes = without(node, "activation", "activation_alpha", "activation_beta", "activation_gamma");
  const product = context.emit.op("Gemm", trimmed(node.inputs), attributes);
  return activate(context, product, attr.string(node, "activation", ""), params);
}

const trimmed = (inputs: readonly string[]): readonly string[] => {
  const end = inputs.findLastIndex((name) => name !== "") + 1;
  return inputs.slice(0, end);
};

/** alpha · op(A) op(B), where op may swap the last two axes. */
function fusedMatMul(node: Node, context: ExpandContext): string {
  const { emit, dims, scalar, fail } = context;
  if (["transBatchA", "transBatchB"].some((name) => attr.int(node, name, 0) === 1))
    return fail("transposed batch axes");
  const operand = (i: number, flag: string): string => {
    const x = input(node, i);
    const rank = dims(x).length;
    if (attr.int(node, flag, 0) === 0 || rank < 2) return x;
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    return emit.op("Transpose", [x], { perm: [...perm.slice(0, -2), rank - 1, rank - 2] });
  };
  const product = emit.op("MatMul", [operand(0, "transA"), operand(1, "transB")]);
  const alpha = attr.float(node, "alpha", 1);
  return alpha === 1 ? product : emit.op("Mul", [product, scalar(alpha, product)]);
}

/** LayerNormalization (or its mean-free form) of input + skip + bias; output 3 is that sum. */
const skipNorm =
  (simplified: boolean) =>
  (node: Node, context: ExpandContext): readonly string[] => {
    const { emit, wants, fail } = context;
    if (wants(1) || wants(2)) return fail("mean and inverse deviation as outputs");
    const biasAt = simplified ? 3 : 4;
    const total = sum(context, [input(node, 0), input(node, 1), input(node, biasAt)]);
    const epsilon = attr.float(node, "epsilon", 1e-12);
    const gamma = input(node, 2);
    const normal = simplified
      ? rmsNormalization(context, total, gamma, { axis: -1, epsilon, stash: 1 })
      : emit.op("LayerNormalization", trimmed([total, gamma, input(node, 3)]), {
          epsilon: { float: epsilon },
        });
    return [normal, "", "", total];
  };

const channelsFirst = ({ emit }: ExpandContext, x: string): string =>
  emit.op("Transpose", [x], { perm: [0, 3, 1, 2] });
const channelsLast = ({ emit }: ExpandContext, x: string): string =>
  emit.op("Transpose", [x], { perm: [0, 2, 3, 1] });

function groupNorm(node: Node, context: ExpandContext): string {
  const last = attr.int(node, "channels_last", 1) === 1;
  const x = last ? channelsFirst(context, input(node, 0)) : input(node, 0);
  const normal = groupNormalization(context, x, {
    groups: attr.int(node, "groups"),
    epsilon: attr.float(node, "epsilon", 1e-5),
    scale: input(node, 1),
    bias: input(node, 2),
    perGroup: false,
  });
  const active = attr.int(node, "activation") === 1 ? swish(context, normal, 1) : normal;
  return last ? channelsLast(context, active) : active;
}

/** Projection to queries, keys and values in one product, then attention. */
function packedAttention(node: Node, context: ExpandContext): string {
  const { emit, fail, dims } = context;
  if ([3, 4, 6].some((i) => input(node, i) !== "") || context.wants(1))
    return fail("a mask index or past keys and values");
  if (attr.int(node, "do_rotary", 0) === 1) return fail("rotary embedding inside");
  const heads = attr.int(node, "num_heads");
  const projected = sum(context, [emit.op("MatMul", [input(node, 0), input(node, 1)]), input(node, 2)]);
  const width = dims(input(node, 1))[1] as number;
  const sizes = attr.ints(node, "qkv_hidden_sizes") ?? [width / 3, width / 3, width / 3];
  const parts = emit.ops("Split", [projected, emit.ints(sizes)], 3, { axis: 2 });
  const [q, k, v] = parts.map((part) => splitHeads(context, part, heads)) as [string, string, string];
  return mergeHeads(context, attend(node, context, [q, k, v], input(node, 5)));
}

function attend(
  node: Node,
  context: ExpandContext,
  qkv: readonly [string, string, string],
  mask: string,
): string {
  const scale = attr.float(node, "scale", 0);
  const causal = attr.int(node, "unidirectional", 0) === 1;
  return dotProductAttention(context, qkv, { scale: scale === 0 ? undefined : scale, causal, mask })[0];
}

/** Attention over projected queries, keys and values [B, S, H·D]. */
function multiHeadAttention(node: Node, context: ExpandContext): string {
  const { emit, dims, fail } = context;
  if (
    [4, 6, 7, 8, 9].some((i) => input(node, i) !== "") ||
    context.wants(1) ||
    context.wants(2) ||
    context.wants(3)
  )
    return fail("a padding mask or past keys and values");
  if ([1, 2].some((i) => input(node, i) === "" || dims(input(node, i)).length !== 3))
    return fail("packed keys and values");
  const heads = attr.int(node, "num_heads");
  const bias = input(node, 3);
  const width = (i: number): number => dims(input(node, i))[2] as number;
  const biases =
    bias === ""
      ? ["", "", ""]
      : emit.ops("Split", [bias, emit.ints([width(0), width(1), width(2)])], 3, { axis: 0 });
  const qkv = [0, 1, 2].map((i) =>
    splitHeads(context, sum(context, [input(node, i), biases[i] ?? ""]), heads),
  );
  return mergeHeads(context, attend(node, context, qkv as [string, string, string], input(node, 5)));
}

const expansions: ExpansionTable = {
  FusedConv: fusedConv,
  FusedGemm: fusedGemm,
  FusedMatMul: fusedMatMul,
  TransposeMatMul: fusedMatMul,
  Gelu: (node, context) => gelu(context, input(node, 0)),
  BiasGelu: (node, context) => gelu(context, sum(context, node.inputs)),
  FastGelu: (node, context) => geluTanh(context, sum(context, node.inputs)),
  QuickGelu: (node, context) => swish(context, input(node, 0), attr.float(node, "alpha", 1.702)),
  BiasAdd: (node, context) => sum(context, node.inputs),
  SkipLayerNormalization: skipNorm(false),
  SkipSimplifiedLayerNormalization: skipNorm(true),
  GroupNorm: groupNorm,
  Attention: packedAttention,
  MultiHeadAttention: multiHeadAttention,
  NhwcMaxPool: (node, context) =>
    channelsLast(
      context,
      context.emit.op("MaxPool", [channelsFirst(context, input(node, 0))], node.attributes),
    ),
  NhwcConv: (node, context) => {
    const conv = [
      channelsFirst(context, input(node, 0)),
      channelsFirst(context, input(node, 1)),
      input(node, 2),
    ];
    return channelsLast(context, context.emit.op("Conv", trimmed(conv), node.attributes));
  },
  MatMulNBits: (_, { fail }) => fail("its weights are packed in a few bits each"),
};

export const contrib: ExpansionTable = Object.fromEntries(
  Object.entries(expansions).map(([op, expansion]) => [`com.microsoft::${op}`, expansion]),
);
