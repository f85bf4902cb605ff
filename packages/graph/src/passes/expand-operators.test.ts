// Oracle: ONNX Runtime runs the operator itself; what it expands to must give the same numbers.
import { describe, expect, it } from "vitest";
import { canonicalize } from "../canonicalize.ts";
import { inferShapes } from "../shapes/shapes.ts";
import { EXPANDABLE_OPERATORS, expandOperators } from "./expand-operators.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const MS = '"com.microsoft" : 1';
const numbers = (count: number, f = (i: number) => Math.sin(3 * i + 1)) =>
  Array.from({ length: count }, (_, i) => f(i).toFixed(4)).join(", ");
const weights = (name: string, dims: number[], f?: (i: number) => number) =>
  `float[${dims}] ${name} = {${numbers(
    dims.reduce((n, d) => n * d, 1),
    f,
  )}}`;

interface Case {
  readonly op: string;
  /** Graph input and, after it, constants. */
  readonly x: string;
  readonly constants?: string;
  readonly node: string;
  readonly opset?: number;
  readonly tolerance?: number;
  /** Further outputs of the node that are compared. */
  readonly outputs?: string;
}

const IMAGE = "float[N,8,4,6] x";
const unary = (op: string, attributes = ""): Case => ({
  op,
  x: "float[N,3,5] x",
  node: `y = ${op} ${attributes}(x)`,
});
const reduce = (op: string, x = "float[N,3,4] x"): Case[] => [
  { op, x, node: `y = ${op} (x)`, tolerance: 1e-5 },
  {
    op,
    x,
    constants: "int64[2] axes = {-1, 1}",
    node: `y = ${op} <keepdims = 0> (x, axes)`,
    tolerance: 1e-5,
  },
];

const QKV = "float[N,4,5,6] q, float[N,4,7,6] k, float[N,4,7,3] v";
const attention = (node: string, inputs = QKV, constants = ""): Case => ({
  op: "Attention",
  x: inputs,
  node: `y = Attention ${node}`,
  opset: 23,
  constants,
  tolerance: 1e-5,
});

const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const;
const recurrent = (op: keyof typeof gates, attributes: string, directions = 1, more = ""): Case => {
  const n = gates[op] * 3;
  const w = weights("w", [directions, n, 2]);
  const r = weights("r", [directions, n, 3], (i) => Math.cos(5 * i));
  const b = weights("b", [directions, 2 * n], (i) => Math.sin(7 * i + 2));
  const states = ["h0", "c0"].filter((name) => more.includes(name));
  const results = op === "LSTM" ? "y, last, cell" : "y, last";
  return {
    op,
    x: ["float[N,4,2] xs", ...states.map((name) => `float[N,${directions},3] ${name}s`)].join(", "),
    constants: `${w}, ${r}, ${b}, ${weights("p", [directions, 9])}`,
    node: [
      ...["x", ...states].map((name) => `${name} = Transpose <perm = [1, 0, 2]> (${name}s)`),
      `${results} = ${op} <hidden_size = 3${attributes && `, ${attributes}`}> (x, w, r, b${more})`,
    ].join("\n"),
    outputs: results.slice(1),
    tolerance: 1e-5,
  };
};

const einsum = (equation: string, x: string, inputs: string): Case => ({
  op: "Einsum",
  x,
  node: `y = Einsum <equation = "${equation}"> (${inputs})`,
  tolerance: 1e-5,
});

const ms = (op: string, x: string, node: string, constants = "", tolerance = 1e-5, outputs = ""): Case => ({
  op: `com.microsoft::${op}`,
  x,
  node: `y${outputs} = com.microsoft.${op} ${node}`,
  constants,
  tolerance,
  outputs: outputs.replaceAll(/ ,/g, ""),
});

const CASES: readonly Case[] = [
  unary("HardSwish"),
  { ...unary("Mish"), tolerance: 1e-6 },
  { ...unary("Swish", "<alpha = 1.5>"), opset: 24 },
  unary("Celu", "<alpha = 0.7>"),
  unary("Selu"),
  unary("Selu", "<alpha = 1.2, gamma = 0.8>"),
  unary("Softsign"),
  unary("ThresholdedRelu", "<alpha = 0.3>"),
  unary("Shrink", "<lambd = 0.4, bias = 0.1>"),
  { ...unary("LpNormalization", "<axis = 1, p = 1>"), tolerance: 1e-6 },
  { ...unary("LpNormalization"), tolerance: 1e-6 },
  ...reduce("ReduceL1"),
  ...reduce("ReduceL2"),
  ...reduce("ReduceSumSquare"),
  ...reduce("ReduceLogSumExp"),
  {
    op: "ReduceLogSum",
    x: "float[N,3,4] x",
    node: "e = Exp (x)\n y = ReduceLogSum <keepdims = 0> (e)",
    tolerance: 1e-5,
  },
  { op: "GlobalLpPool", x: IMAGE, node: "y = GlobalLpPool (x)", tolerance: 1e-5 },
  { op: "GlobalLpPool", x: IMAGE, node: "y = GlobalLpPool <p = 1> (x)", tolerance: 1e-5 },
  { op: "GlobalLpPool", x: IMAGE, node: "y = GlobalLpPool <p = 3> (x)", tolerance: 1e-5 },
  { op: "CastLike", x: IMAGE, constants: "int64 t = {0}", node: "y = CastLike (x, t)" },
  { op: "SpaceToDepth", x: IMAGE, node: "y = SpaceToDepth <blocksize = 2> (x)", tolerance: 0 },
  { op: "DepthToSpace", x: IMAGE, node: "y = DepthToSpace <blocksize = 2> (x)", tolerance: 0 },
  { op: "DepthToSpace", x: IMAGE, node: 'y = DepthToSpace <blocksize = 2, mode = "CRD"> (x)', tolerance: 0 },
  { op: "MeanVarianceNormalization", x: IMAGE, node: "y = MeanVarianceNormalization (x)", tolerance: 1e-5 },
  {
    op: "MeanVarianceNormalization",
    x: IMAGE,
    node: "y = MeanVarianceNormalization <axes = [2, 3]> (x)",
    tolerance: 1e-5,
  },
  {
    op: "GroupNormalization",
    x: IMAGE,
    opset: 18,
    tolerance: 1e-5,
    constants: `${weights("s", [4])}, ${weights("b", [4])}`,
    node: "y = GroupNormalization <num_groups = 4, epsilon = 0.01> (x, s, b)",
  },
  {
    op: "GroupNormalization",
    x: IMAGE,
    opset: 21,
    tolerance: 1e-5,
    constants: `${weights("s", [8])}, ${weights("b", [8])}`,
    node: "y = GroupNormalization <num_groups = 2> (x, s, b)",
  },
  {
    op: "RMSNormalization",
    x: IMAGE,
    opset: 23,
    tolerance: 1e-5,
    constants: weights("s", [4, 6]),
    node: "y = RMSNormalization <axis = 2, epsilon = 0.01> (x, s)",
  },
  {
    op: "SimplifiedLayerNormalization",
    x: IMAGE,
    opset: 18,
    tolerance: 1e-5,
    constants: weights("s", [4, 6]),
    node: "y = SimplifiedLayerNormalization <axis = 2, epsilon = 0.01> (x, s)",
  },
  attention("(q, k, v)"),
  attention("<scale = 0.3, is_causal = 1> (q, k, v)", "float[N,4,7,6] q, float[N,4,7,6] k, float[N,4,7,3] v"),
  attention("<softcap = 0.5> (q, k, v, m)", QKV, weights("m", [5, 7])),
  attention(
    "(q, k, v, m)",
    QKV,
    `bool[5,7] m = {${numbers(35, (i) => (i % 3 === 1 ? 0 : 1)).replaceAll(".0000", "")}}`,
  ),
  attention("(q, k, v)", "float[N,4,5,6] q, float[N,2,7,6] k, float[N,2,7,3] v"),
  attention(
    "<q_num_heads = 4, kv_num_heads = 2> (q, k, v)",
    "float[N,5,24] q, float[N,7,12] k, float[N,7,6] v",
  ),
  {
    ...attention("<softmax_precision = 1> (q, k, v)"),
    node: "y, , , s = Attention <softmax_precision = 1> (q, k, v)",
    outputs: ", s",
  },
  { ...attention(""), node: "y, , , s = Attention <qk_matmul_output_mode = 3> (q, k, v)", outputs: ", s" },
  ...["", "interleaved = 1, ", "rotary_embedding_dim = 4, "].flatMap((attributes): Case[] => {
    const width = attributes.includes("4") ? 2 : 3;
    const tables = `${weights("c", [9, width])}, ${weights("s", [9, width])}`;
    return [
      {
        op: "RotaryEmbedding",
        opset: 23,
        x: "float[N,2,5,6] x, int64[N,5] ids",
        constants: tables,
        node: `y = RotaryEmbedding <${attributes.replace(/, $/, "")}> (x, c, s, ids)`.replace("<> ", ""),
      },
      {
        op: "RotaryEmbedding",
        opset: 23,
        x: `float[N,5,12] x, float[N,5,${width}] c, float[N,5,${width}] s`,
        node: `y = RotaryEmbedding <${attributes}num_heads = 2> (x, c, s)`,
      },
    ];
  }),
  einsum("bij, bjk -> bik", "float[N,3,4] a, float[N,4,5] b", "a, b"),
  einsum("BHWc,hkc->BHWhk", "float[N,3,4,2] a, float[5,6,2] b", "a, b"),
  einsum("bij->bji", "float[N,3,4] a", "a"),
  einsum("bij->b", "float[N,3,4] a", "a"),
  einsum("...ij,...jk->...ik", "float[N,2,3,4] a, float[N,2,4,5] b", "a, b"),
  einsum("bi,bj,bk->bijk", "float[N,2] a, float[N,3] b, float[N,4] c", "a, b, c"),
  einsum("bhi,ij", "float[N,2,3] a, float[3,4] b", "a, b"),
  einsum("bik,bjl->bij", "float[N,2,3] a, float[N,4,5] b", "a, b"),
  recurrent("RNN", ""),
  recurrent("RNN", 'activations = ["Relu"], direction = "reverse"'),
  recurrent("GRU", ""),
  recurrent("GRU", 'linear_before_reset = 1, direction = "bidirectional"', 2, ", , h0"),
  recurrent("LSTM", ""),
  recurrent("LSTM", 'direction = "bidirectional"', 2, ", , h0, c0"),
  recurrent("LSTM", 'direction = "reverse", input_forget = 1', 1, ", , h0, c0, p"),
  ms(
    "FusedConv",
    IMAGE,
    '<activation = "HardSigmoid", activation_params = [0.3, 0.4], pads = [1,1,1,1]> (x, w, b)',
    `${weights("w", [4, 8, 3, 3])}, ${weights("b", [4])}`,
  ),
  ms(
    "FusedConv",
    `${IMAGE}, float[N,4,4,6] z`,
    '<activation = "Relu"> (x, w, b, z)',
    `${weights("w", [4, 8, 1, 1])}, ${weights("b", [4])}`,
  ),
  ms(
    "FusedGemm",
    "float[N,5] x",
    '<activation = "LeakyRelu", activation_alpha = 0.2, transB = 1> (x, w, b)',
    `${weights("w", [3, 5])}, ${weights("b", [3])}`,
  ),
  ms("FusedMatMul", "float[N,2,3,4] x, float[N,2,5,4] z", "<alpha = 0.5, transB = 1> (x, z)"),
  ms("FusedMatMul", "float[N,4,3] x, float[N,4,5] z", "<transA = 1> (x, z)"),
  ms("Gelu", "float[N,5] x", "(x)"),
  ms("BiasGelu", "float[N,5] x", "(x, b)", weights("b", [5])),
  ms("FastGelu", "float[N,5] x", "(x, b)", weights("b", [5])),
  ms("QuickGelu", "float[N,5] x", "<alpha = 1.3> (x)"),
  ms(
    "SkipLayerNormalization",
    "float[N,3,8] x, float[N,3,8] z",
    "(x, z, g, b, c)",
    ["g", "b", "c"].map((n) => weights(n, [8])).join(", "),
  ),
  ms(
    "SkipLayerNormalization",
    "float[N,3,8] x, float[N,3,8] z",
    "<epsilon = 0.01> (x, z, g)",
    weights("g", [8]),
    1e-5,
    ", , , s",
  ),
  ms("SkipSimplifiedLayerNormalization", "float[N,3,8] x, float[N,3,8] z", "(x, z, g)", weights("g", [8])),
  ms(
    "Attention",
    "float[N,3,8] x",
    "<num_heads = 2> (x, w, b)",
    `${weights("w", [8, 24])}, ${weights("b", [24])}`,
  ),
  ms(
    "MultiHeadAttention",
    "float[N,3,8] q, float[N,5,8] k, float[N,5,8] v",
    "<num_heads = 2> (q, k, v, b)",
    weights("b", [24]),
  ),
];

const parse = ({ op, x, constants = "", node, opset = 20, outputs = "" }: Case) => {
  const declared = constants === "" ? "" : `<${constants}>`;
  const text = `g (${x}) => (y${outputs.replaceAll(/, (?=,)/g, "")}) ${declared} {\n ${node}\n}`;
  return canonicalize(graphAt(opset, text, op.includes("::") ? MS : ""));
};

describe("gives what the operator gives", () => {
  it.each(CASES)("$op: $node", async (row) => {
    const { model, shapes } = parse(row);
    const expanded = expandOperators(model, shapes, EXPANDABLE_OPERATORS);
    expect(opTypes(expanded.model)).not.toContain(row.op.replace("::", "."));
    await expectSameOutputs(model, expanded.model, row.tolerance ?? 1e-6);
    const known = inferShapes(expanded.model);
    for (const { name } of model.graph.outputs) {
      expect(expanded.shapes.probes[1]?.get(name)).toEqual(known.probes[1]?.get(name));
    }
  });
});

it("leaves other operators alone and returns the same model when nothing fits", () => {
  const { model, shapes } = parse(unary("Selu"));
  expect(expandOperators(model, shapes, new Set(["Mish"])).model).toBe(model);
  expect(expandOperators(model, shapes, new Set(["Relu"])).model).toBe(model);
});

it("expands what an expansion is made of when that is asked for too", () => {
  const row = ms("QuickGelu", "float[N,5] x", "(x)");
  const fused: Case = {
    ...row,
    node: "w = com.microsoft.SkipLayerNormalization (x, x, g)\n y = HardSwish (w)",
    constants: weights("g", [5]),
  };
  const { model, shapes } = parse(fused);
  const ops = new Set(["com.microsoft::SkipLayerNormalization", "HardSwish"]);
  expect(opTypes(expandOperators(model, shapes, ops).model)).toEqual([
    "Add",
    "LayerNormalization",
    "HardSigmoid",
    "Mul",
  ]);
});

it("passes an output that is another value on by Identity", () => {
  const noop = parse({
    ...reduce("ReduceLogSumExp")[0]!,
    constants: "int64[0] a = {}",
    node: "y = ReduceLogSumExp <noop_with_empty_axes = 1> (x, a)",
  });
  expect(opTypes(expandOperators(noop.model, noop.shapes, EXPANDABLE_OPERATORS).model)).toEqual(["Identity"]);
});

const REFUSED: readonly [Case, string][] = [
  [{ ...recurrent("LSTM", "clip = 1.0") }, "clipped gates"],
  [{ ...recurrent("GRU", 'activations = ["Sigmoid", "Softsign"]') }, "the activation Softsign"],
  [
    { ...attention("(q, k, v, , pk, pv)"), x: `${QKV}, float[N,4,2,6] pk, float[N,4,2,3] pv` },
    "past and present",
  ],
  [einsum("bii->bi", "float[N,3,3] a", "a"), "a diagonal"],
  [ms("FusedMatMul", "float[4,4,4] x", "<transBatchA = 1> (x, x)"), "transposed batch axes"],
];

it.each(REFUSED)("refuses with node, opset and reason: %#", (row, reason) => {
  const { model, shapes } = parse(row);
  const expand = () => expandOperators(model, shapes, EXPANDABLE_OPERATORS);
  expect(expand).toThrow(expect.objectContaining({ code: "cannot-expand" }));
  expect(expand).toThrow(
    new RegExp(`${row.op.split("::").at(-1)} .*\\(opset \\d+\\): .* has no gradient rule here: ${reason}`),
  );
});
