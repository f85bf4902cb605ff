// Oracle: ONNX Runtime runs the old model at its own operator set (7 and later); older ones are compared with what they mean today.
import { describe, expect, it } from "vitest";
import type { Model } from "../model.ts";
import { makeNode, opsetOf, withGraph } from "../model.ts";
import { liftConstants } from "./lift-constants.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";
import { upgradeOpset } from "./upgrade-opset.ts";

interface Case {
  readonly opset: number;
  readonly x?: string;
  readonly constants?: string;
  readonly node: string;
  readonly ops?: readonly string[];
  readonly target?: number;
}

const graphOf = ({ opset, x = "float[N,3,4,6] x", constants, node }: Case): Model =>
  liftConstants(graphAt(opset, `g (${x}) => (y) ${constants ? `<${constants}>` : ""} {\n ${node}\n}`));

const RUNNABLE: readonly Case[] = [
  { opset: 12, node: "y = ReduceSum <axes = [1, -1], keepdims = 0> (x)", ops: ["ReduceSum"] },
  { opset: 17, node: "y = ReduceMean <axes = [2, 3]> (x)", ops: ["ReduceMean"] },
  { opset: 17, node: "y = ReduceL2 (x)", ops: ["ReduceL2"] },
  {
    opset: 11,
    x: "float[N,1,4] x",
    node: "a = Squeeze <axes = [1]> (x)\n y = Unsqueeze <axes = [0, 3]> (a)",
  },
  { opset: 11, x: "float[2,1,4] x", node: "y = Squeeze (x)" },
  { opset: 11, node: "a, b = Split <axis = 3, split = [2, 4]> (x)\n y = Concat <axis = 3> (b, a)" },
  { opset: 12, node: "a, b = Split <axis = 3> (x)\n y = Sub (b, a)" },
  { opset: 17, constants: "int64[2] s = {1, 2}", node: "a, b = Split <axis = 1> (x, s)\n y = Add (b, a)" },
  { opset: 17, node: "a, b, c = Split <axis = 1> (x)\n d = Add (b, a)\n y = Sub (c, d)" },
  {
    opset: 13,
    constants: "float[6] s = {1, 2, 3, 4, 5, 6}",
    node: "y = SimplifiedLayerNormalization (x, s)",
  },
  { opset: 10, node: "y = Clip <min = -0.2, max = 0.3> (x)" },
  { opset: 10, node: "y = Clip <max = 0.3> (x)" },
  { opset: 10, node: "y = Pad <pads = [0,0,1,2,0,0,3,0], value = 0.5> (x)" },
  { opset: 10, node: 'y = Pad <pads = [0,0,1,2,0,0,3,0], mode = "reflect"> (x)' },
  { opset: 9, node: "y = Slice <axes = [2, 3], starts = [1, -3], ends = [9, -1]> (x)" },
  { opset: 9, node: "y = Slice <starts = [0, 1], ends = [9, 2]> (x)" },
  { opset: 9, node: "y, i = TopK <axis = 3, k = 2> (x)" },
  { opset: 11, node: "y = Dropout <ratio = 0.4> (x)" },
  { opset: 7, node: "y = Upsample <scales = [1.0, 1.0, 2.0, 3.0]> (x)" },
  {
    opset: 9,
    constants: "float[4] s = {1, 1, 2, 1.5}",
    node: 'y = Upsample <mode = "linear"> (x, s)',
    ops: ["Resize"],
  },
  { opset: 10, constants: "float[4] s = {1, 1, 2, 2}", node: "y = Resize (x, s)" },
  { opset: 10, constants: "float[4] s = {1, 1, 0.5, 0.5}", node: "y = Resize (x, s)" },
  { opset: 10, constants: "float[4] s = {1, 1, 0.6, 0.7}", node: 'y = Resize <mode = "linear"> (x, s)' },
  {
    opset: 9,
    x: "float[3,3] x",
    constants: "int64[1,3] i = {2, 0, 1}, float[1,3] u = {1, 2, 3}",
    node: "y = Scatter <axis = 0> (x, i, u)",
    ops: ["ScatterElements"],
  },
  { opset: 11, node: "y = Softmax <axis = 3> (x)", ops: ["Softmax"] },
  { opset: 11, node: "y = Softmax (x)", ops: ["Shape", "Flatten", "Softmax", "Reshape"] },
  { opset: 11, node: "y = LogSoftmax <axis = -2> (x)", ops: ["Shape", "Flatten", "LogSoftmax", "Reshape"] },
  { opset: 9, x: "float[N,5] x", node: "y = Softmax (x)", ops: ["Softmax"] },
  { opset: 11, x: "float[N,5,1,1] x", node: "y = Softmax (x)", ops: ["Softmax"] },
  { opset: 11, node: "p = GlobalAveragePool (x)\n y = Softmax (p)", ops: ["GlobalAveragePool", "Softmax"] },
  { opset: 12, node: "y = Hardmax (x)" },
  {
    opset: 8,
    constants:
      "float[3] s = {1, 2, 3}, float[3] b = {0, 1, -1}, float[3] m = {0.1, 0, 0.2}, float[3] v = {1, 2, 0.5}",
    node: "y = BatchNormalization <spatial = 1, momentum = 0.9> (x, s, b, m, v)",
    ops: ["BatchNormalization"],
  },
  {
    opset: 7,
    node: "y = AveragePool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x)",
    ops: ["AveragePool"],
  },
  { opset: 8, node: "y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)", ops: ["MaxPool"] },
  {
    opset: 16,
    x: "float[N,2,4,4] x, float[N,3,3,2] grid",
    node: 'y = GridSample <mode = "bilinear"> (x, grid)',
    target: 20,
  },
  {
    opset: 16,
    x: "float[N,2,4,4] x, float[N,3,3,2] grid",
    node: 'y = GridSample <mode = "bicubic"> (x, grid)',
    target: 20,
  },
  {
    opset: 18,
    target: 21,
    constants: "float[2] s = {1, 2}, float[2] b = {0.5, -1}",
    x: "float[N,4,3,3] x",
    node: "y = GroupNormalization <num_groups = 2> (x, s, b)",
    ops: ["Unsqueeze", "Expand", "Reshape", "Unsqueeze", "Expand", "Reshape", "GroupNormalization"],
  },
  {
    opset: 10,
    x: "float[1,2,6,6] x",
    constants: "float[1,4] r = {0, 0, 4, 4}, int64[1] i = {0}",
    node: "y = RoiAlign <output_height = 2, output_width = 2> (x, r, i)",
  },
];

describe("gives what the old model gives", () => {
  it.each(RUNNABLE)("opset $opset: $node", async (row) => {
    const model = graphOf(row);
    const upgraded = upgradeOpset(model, { target: row.target });
    expect(opsetOf(upgraded)).toBe(row.target ?? 18);
    if (row.ops !== undefined) expect(opTypes(upgraded)).toEqual(row.ops);
    await expectSameOutputs(model, upgraded, 1e-6);
  });
});

describe("before opset 7, which no runtime runs", () => {
  const today = (text: string, constants: string, x = "float[N,3,4,6] x") =>
    graphAt(18, `g (${x}) => (y) <${constants}> {\n ${text}\n}`);
  const B = "float[3] b = {1, 2, 3}";
  const column = "float[3,1,1] b = {1, 2, 3}";

  it.each<[string, Case, Model]>([
    [
      "Mul along axis 1",
      { opset: 6, constants: B, node: "y = Mul <broadcast = 1, axis = 1> (x, b)" },
      today("y = Mul (x, b)", column),
    ],
    [
      "Add of a suffix",
      { opset: 6, constants: "float[6] b = {1,2,3,4,5,6}", node: "y = Add <broadcast = 1> (x, b)" },
      today("y = Add (x, b)", "float[6] b = {1,2,3,4,5,6}"),
    ],
    [
      "PRelu by channel",
      { opset: 6, constants: B, node: "y = PRelu (x, b)" },
      today("y = PRelu (x, b)", column),
    ],
    [
      "Reshape with its shape as attribute",
      { opset: 1, node: "y = Reshape <shape = [0, 12, -1], consumed_inputs = [0]> (x)" },
      today("y = Reshape (x, s)", "int64[3] s = {0, 12, -1}"),
    ],
    [
      "Tile of one axis",
      { opset: 1, constants: "float n = {2}, float a = {1}", node: "y = Tile (x, n, a)" },
      today("y = Tile (x, r)", "int64[4] r = {1, 2, 1, 1}"),
    ],
    [
      "Concat along the default axis",
      { opset: 1, node: "y = Concat (x, x)" },
      today("y = Concat <axis = 1> (x, x)", "int64 s = {0}"),
    ],
    [
      "Cast by name",
      { opset: 5, node: 'y = Cast <to = "INT64"> (x)' },
      today("y = Cast <to = 7> (x)", "int64 s = {0}"),
    ],
    [
      "Pad 1",
      { opset: 1, node: "y = Pad <paddings = [0,0,1,2,0,0,3,0]> (x)" },
      today("y = Pad (x, p)", "int64[8] p = {0,0,1,2,0,0,3,0}"),
    ],
    [
      "Dropout of a training graph",
      { opset: 6, node: "y = Dropout <is_test = 0, ratio = 0.3> (x)" },
      today("y = Identity (x)", "int64 s = {0}"),
    ],
    [
      "Gemm",
      {
        opset: 6,
        x: "float[N,2] x",
        constants: "float[2,3] w = {1,2,3,4,5,6}, float[3] b = {1,2,3}",
        node: "y = Gemm <broadcast = 1> (x, w, b)",
      },
      today("y = Gemm (x, w, b)", "float[2,3] w = {1,2,3,4,5,6}, float[3] b = {1,2,3}", "float[N,2] x"),
    ],
    [
      "Upsample 1",
      { opset: 6, node: 'y = Upsample <height_scale = 2.0, width_scale = 3.0, mode = "bilinear"> (x)' },
      today(
        'y = Resize <mode = "linear", coordinate_transformation_mode = "asymmetric"> (x, , s)',
        "float[4] s = {1, 1, 2, 3}",
      ),
    ],
    [
      "BatchNormalization 6",
      {
        opset: 6,
        constants: "float[3] s = {1, 2, 3}",
        node: "y = BatchNormalization <is_test = 1, consumed_inputs = [0,0,0,1,1]> (x, s, s, s, s)",
      },
      today("y = BatchNormalization (x, s, s, s, s)", "float[3] s = {1, 2, 3}"),
    ],
    [
      "Affine",
      { opset: 1, node: "y = Affine <alpha = 2.0, beta = 0.5> (x)" },
      today("a = Mul (x, s)\n y = Add (a, t)", "float s = {2}, float t = {0.5}"),
    ],
    [
      "ImageScaler",
      { opset: 1, node: "y = ImageScaler <scale = 2.0, bias = [1.0, 2.0, 3.0]> (x)" },
      today("a = Mul (x, s)\n y = Add (a, b)", `float s = {2}, ${column}`),
    ],
    [
      "ScaledTanh",
      { opset: 1, node: "y = ScaledTanh <alpha = 2.0, beta = 0.5> (x)" },
      today("a = Mul (x, t)\n b = Tanh (a)\n y = Mul (b, s)", "float s = {2}, float t = {0.5}"),
    ],
  ])("%s", async (_, old, meaning) => {
    await expectSameOutputs(meaning, upgradeOpset(graphOf(old)), 1e-6);
  });
});

it("keeps newer models as they are, and raises ir_version with the operator set", () => {
  const model = graphOf({ opset: 20, node: "y = Relu (x)" });
  expect(upgradeOpset(model)).toBe(model);
  const old = { ...graphOf({ opset: 9, node: "y = Relu (x)" }), irVersion: 3 };
  expect(upgradeOpset(old).irVersion).toBe(8);
  expect(upgradeOpset(old, { target: 21 }).irVersion).toBe(10);
});

it("leaves the old model unchanged and keeps nodes that need no conversion", () => {
  const model = graphOf({ opset: 9, node: "a = Relu (x)\n y = Slice <starts = [0], ends = [1]> (a)" });
  const nodes = [...model.graph.nodes];
  const upgraded = upgradeOpset(model);
  expect(model.graph.nodes).toEqual(nodes);
  expect(upgraded.graph.nodes[0]).toBe(model.graph.nodes[0]);
});

it("converts sub-graphs, whose nodes may use the constants of the graph around them", async () => {
  const model = graphOf({
    opset: 11,
    x: "float[N,3] x, bool c",
    node: "y = If <then_branch = t () => (float[N] a) { a = ReduceSum <axes = [1], keepdims = 0> (x) }, else_branch = e () => (float[N] b) { b = ReduceMax <axes = [1], keepdims = 0> (x) }> (c)",
  });
  const upgraded = upgradeOpset(model);
  const branch = upgraded.graph.nodes[0]?.attributes.then_branch;
  expect(branch?.type === "graph" && branch.value.nodes[0]?.inputs.length).toBe(2);
});

it("turns old training outputs into training_mode", () => {
  const node = "y, m, v = BatchNormalization (x, s, s, s, s)\n z = Add (m, v)";
  const model = graphOf({ opset: 9, constants: "float[3] s = {1, 2, 3}", node });
  expect(upgradeOpset(model).graph.nodes[0]?.attributes.training_mode).toEqual({ type: "int", value: 1n });
});

it.each<[Case, string]>([
  [
    {
      opset: 7,
      constants: "float[3] s = {1, 2, 3}",
      node: "y = BatchNormalization <spatial = 0> (x, s, s, s, s)",
    },
    "spatial=0",
  ],
  [{ opset: 9, node: "y = Imaginary (x)" }, "this operator is not known"],
  [{ opset: 6, node: "y = ConstantFill (x)" }, "experimental"],
  [
    { opset: 10, constants: "float[4] s = {1, 1, 2, 0.5}", node: "y = Resize (x, s)" },
    "grows along one axis",
  ],
  [{ opset: 9, node: "d, m = Dropout (x)\n y = Add (d, m)" }, "mask"],
])("refuses what has no equal today: %o", (row, reason) => {
  const upgrade = () => upgradeOpset(graphOf(row));
  expect(upgrade).toThrow(expect.objectContaining({ code: "opset-conversion" }));
  expect(upgrade).toThrow(new RegExp(`of opset ${row.opset} cannot be converted to opset 18: .*${reason}`));
});

it("removes consumed_inputs, which is not part of any operator after opset 5", () => {
  const model = graphOf({ opset: 1, node: "y = Relu (x)" });
  const old = withGraph(model, {
    nodes: [makeNode("Relu", ["x"], ["y"], { attributes: { consumed_inputs: [0] } })],
  });
  expect(upgradeOpset(old).graph.nodes[0]?.attributes).toEqual({});
});
