// Oracles: ONNX Runtime, in which a padded model must give what the original gives; the arithmetic of windows written out case by
// case.
import { elementCount, opsetOf, parseGraphText, tensorNumbers } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { textModel } from "../../vision-model/test-support/text-model.ts";
import { kernelConstants, type PaddedKernels, padKernels } from "./kernel-padding.ts";
import { noiseFeeds, outputDifference } from "./output-difference.ts";
import { padded, run } from "./test-support/padded.ts";

/** `kernel/stride pads` of all changes, before and after. */
const summary = ({ changes }: PaddedKernels) =>
  changes.map(
    ({ kernel, pads }) => `${kernel.before.join("x")}>${kernel.after.join("x")} ${pads.before}>${pads.after}`,
  );

const conv = (size: string, weight: string, attributes: string, opset = 20) =>
  textModel(`<ir_version: 8, opset_import: ["" : ${opset}]>
    g (float[N,${size}] x, float[${weight}] w, float[4] b) => (float[N,4,P,Q] y) { y = Conv <${attributes}> (x, w, b) }`);

describe("windows: kernel and pads before and after", () => {
  it.each([
    [
      "3x3, even size: both sides stay equal",
      "2,8,8",
      "4,2,3,3",
      "pads=[1,1,1,1], strides=[2,2]",
      "3x3>4x4 1,1,1,1>1,1,1,1",
    ],
    [
      "3x3, odd size: the end grows",
      "2,9,8",
      "4,2,3,3",
      "pads=[1,1,1,1], strides=[2,2]",
      "3x3>4x4 1,1,1,1>1,1,2,1",
    ],
    ["1x1", "2,8,8", "4,2,1,1", "strides=[2,2]", "1x1>2x2 0,0,0,0>0,0,0,0"],
    ["1x1, odd size", "2,7,7", "4,2,1,1", "strides=[2,2]", "1x1>2x2 0,0,0,0>0,0,1,1"],
    ["7x7", "2,16,16", "4,2,7,7", "pads=[3,3,3,3], strides=[2,2]", "7x7>8x8 3,3,3,3>3,3,3,3"],
    ["one axis only", "2,8,8", "4,2,3,3", "pads=[1,1,1,1], strides=[1,2]", "3x3>3x4 1,1,1,1>1,1,1,1"],
    ["1xk", "2,8,8", "4,2,1,5", "pads=[0,2,0,2], strides=[1,2]", "1x5>1x6 0,2,0,2>0,2,0,2"],
    ["an even axis stays", "2,8,8", "4,2,4,3", "pads=[1,1,1,1], strides=[2,2]", "4x3>4x4 1,1,1,1>1,1,1,1"],
    [
      "dilation: the end grows by it",
      "2,9,9",
      "4,2,3,3",
      "pads=[2,2,2,2], strides=[2,2], dilations=[2,2]",
      "3x3>4x4 2,2,2,2>2,2,4,4",
    ],
    ["grouped", "4,8,8", "4,2,3,3", "pads=[1,1,1,1], strides=[2,2], group=2", "3x3>4x4 1,1,1,1>1,1,1,1"],
    ["depthwise", "4,8,8", "4,1,3,3", "pads=[1,1,1,1], strides=[2,2], group=4", "3x3>4x4 1,1,1,1>1,1,1,1"],
    [
      "stride 4",
      "2,12,12",
      "4,2,3,3",
      'strides=[4,4], kernel_shape=[3,3], auto_pad="NOTSET"',
      "3x3>4x4 0,0,0,0>0,0,0,0",
    ],
    ["VALID", "2,9,8", "4,2,3,3", 'strides=[2,2], auto_pad="VALID"', "3x3>4x4 0,0,0,0>0,0,1,0"],
    ["SAME_UPPER", "2,9,8", "4,2,3,3", 'strides=[2,2], auto_pad="SAME_UPPER"', "3x3>4x4 1,0,1,1>1,0,2,2"],
    ["SAME_LOWER", "2,9,8", "4,2,3,3", 'strides=[2,2], auto_pad="SAME_LOWER"', "3x3>4x4 1,1,1,0>1,1,2,1"],
    [
      "SAME without need of pads",
      "2,8,8",
      "4,2,1,1",
      'strides=[2,2], auto_pad="SAME_UPPER"',
      "1x1>2x2 0,0,0,0>0,0,0,0",
    ],
  ])("%s", async (_, size, weight, attributes, expected) => {
    const result = await padded(conv(size, weight, attributes));
    expect(summary(result)).toEqual([expected]);
    const { nodes, initializers } = result.model.graph;
    expect([nodes.length, [...initializers.keys()]]).toEqual([1, ["w", "b"]]);
    expect(initializers.get("w")?.dims.slice(2)).toEqual(result.changes[0]?.kernel.after);
  });

  it.each([
    ["stride 1", "2,8,8", "4,2,3,3", "pads=[1,1,1,1]"],
    ["an even kernel", "2,8,8", "4,2,4,4", "pads=[1,1,1,1], strides=[2,2]"],
    ["an odd stride", "2,9,9", "4,2,3,3", "strides=[3,3]"],
    ["odd only where the stride is 1", "2,8,8", "4,2,3,2", "strides=[1,2]"],
    ["a window as large as the picture", "2,7,7", "4,2,7,7", "strides=[2,2]"],
  ])("leaves %s alone", async (_, size, weight, attributes) => {
    const model = conv(size, weight, attributes);
    expect(await padded(model)).toEqual({ model, changes: [], left: [], notes: [] });
  });

  it("says where only padding would be seen", async () => {
    const result = await padded(conv("2,4,4", "4,2,5,5", "strides=[2,2], pads=[1,1,2,2]"));
    expect(result.changes).toEqual([]);
    expect(result.left).toMatchObject([
      { operator: "Conv", reason: expect.stringContaining("nothing but padding") },
    ]);
  });

  it("says where an even kernel is no multiple of its stride", async () => {
    const result = await padded(conv("2,12,12", "4,2,5,5", "strides=[4,4]"));
    expect(result.changes).toMatchObject([{ kernel: { after: [6, 6] }, isEven: false }]);
    expect(result.notes).toEqual([expect.stringContaining("coverage stays uneven")]);
    expect((await padded(conv("2,12,12", "4,2,3,3", "strides=[4,4]"))).changes[0]?.isEven).toBe(true);
  });
});

describe("open input sizes", () => {
  const open = (attributes: string) => conv("2,H,W", "4,2,3,3", attributes);
  const sizes = [6, 7, 8, 9, 10].map((side) => ({ H: side, W: side + 3 }));

  it("grow the end always, and the outputs stay at every size", async () => {
    const result = await padded(open("pads=[1,1,1,1], strides=[2,2]"), {}, sizes);
    expect(summary(result)).toEqual(["3x3>4x4 1,1,1,1>1,1,2,2"]);
    const dilated = await padded(open("strides=[2,2], dilations=[2,1]"), { dims: { H: 8, W: 8 } }, sizes);
    expect(summary(dilated)).toEqual(["3x3>4x4 0,0,0,0>0,0,2,1"]);
  });

  it("are needed by auto_pad SAME", async () => {
    const model = open('auto_pad="SAME_UPPER", strides=[2,2]');
    const refused = padKernels(model);
    expect(refused).toMatchObject({
      model,
      changes: [],
      left: [{ reason: expect.stringContaining("--size") }],
    });
    const result = await padded(model, { dims: { H: 8, W: 9 } }, [{ H: 8, W: 9 }]);
    expect(summary(result)).toEqual(["3x3>4x4 0,1,1,1>0,1,2,2"]);
    expect(result.notes).toEqual([expect.stringContaining("pictures of other sizes")]);
  });
});

describe("where the weight comes from", () => {
  const STRIDED = "<pads=[1,1,1,1], strides=[2,2]>";
  const from = (nodes: string, inits: string, weights = "float[4,2,3,3] w", opset = 20) =>
    textModel(`<ir_version: 10, opset_import: ["" : ${opset}]>
      g (float[N,2,8,8] x, ${weights}) => (float[N,4,4,4] y) <${inits}> { ${nodes} y = Conv ${STRIDED} (x, v) }`);
  const int8 = (name: string, dims: string, value: (i: number) => number) => {
    const sizes = dims.split(",").map(Number);
    return `int8[${dims}] ${name} = {${Array.from({ length: elementCount(sizes) }, (_, i) => value(i)).join(", ")}}`;
  };
  const bytes = (i: number) => ((i * 37) % 200) - 100;

  it.each([
    ["Identity", from("v = Identity (w)", "float one = {1}"), ["Identity", "Conv"]],
    [
      "Transpose",
      from("v = Transpose <perm=[3,2,0,1]> (w)", "float one = {1}", "float[3,3,2,4] w"),
      ["Transpose", "Conv"],
    ],
    ["Cast", from("v = Cast <to=1> (w)", "float one = {1}", "float16[4,2,3,3] w"), ["Cast", "Conv"]],
    [
      "Constant",
      from(
        `v = Constant <value = float[4,2,3,3] {${Array.from({ length: 72 }, (_, i) => `${i % 7}.5`)}}> ()`,
        "float one = {1}",
        "float u",
      ),
      ["Constant", "Conv"],
    ],
    [
      "DequantizeLinear, one zero point a channel",
      from(
        "v = DequantizeLinear <axis=0> (q, s, z)",
        `${int8("q", "4,2,3,3", bytes)}, float[4] s = {0.1, 0.2, 0.3, 0.4}, int8[4] z = {1, -2, 3, 0}`,
        "float u",
      ),
      ["DequantizeLinear", "Conv"],
    ],
    [
      "DequantizeLinear of QuantizeLinear",
      from("q = QuantizeLinear (w, s, z) v = DequantizeLinear (q, s, z)", "float s = {0.01}, int8 z = {7}"),
      ["QuantizeLinear", "DequantizeLinear", "Conv"],
    ],
    [
      "four bits",
      from(
        "v = DequantizeLinear (q, s, z)",
        `int4[4,2,3,3] q = {${Array.from({ length: 72 }, (_, i) => (i % 15) - 7)}}, float s = {0.1}, int4 z = {3}`,
        "float u",
        21,
      ),
      ["DequantizeLinear", "Conv"],
    ],
  ])("pads at the source: %s", async (_, model, operators) => {
    const result = await padded(model);
    expect(result.changes).toMatchObject([{ kernel: { after: [4, 4] }, weight: "v", copied: false }]);
    expect(result.model.graph.nodes.map((n) => n.opType)).toEqual(operators);
  });

  it.each([20, 9])("joins zeros to a computed weight (operator set %i)", async (opset) => {
    const result = await padded(from("v = Mul (w, two)", "float two = {2}", "float[4,2,3,3] w", opset));
    expect(result.model.graph.nodes.map((n) => n.opType)).toEqual(["Mul", "Concat", "Concat", "Conv"]);
  });

  it("refuses a computed weight of unknown shape", () => {
    const model = textModel(`g (float[N,2,H,W] x, float[4,2,3,3] w, float two) => (float[N,4,P,Q] y)
      { v = Mul (w, two) y = Conv <kernel_shape=[3,3], strides=[2,2]> (x, v) }`);
    expect(padKernels(model).left).toMatchObject([{ reason: expect.stringContaining("unknown shape") }]);
  });

  it("changes a shared weight in place where all want it alike, and copies it for one where they do not", async () => {
    const two = (first: string, second: string) =>
      textModel(`g (float[N,2,8,8] x, float[4,2,3,3] w) => (float[N,4,4,4] y, float[N,4,A,B] z)
        { y = Conv <pads=[1,1,1,1], strides=${first}> (x, w) z = Conv <pads=[1,1,1,1], strides=${second}> (x, w) }`);
    const alike = await padded(two("[2,2]", "[2,2]"));
    expect(alike.changes.map((c) => [c.weight, c.copied])).toEqual([
      ["w", false],
      ["w", false],
    ]);
    expect([...alike.model.graph.initializers.keys()]).toEqual(["w"]);
    const apart = await padded(two("[2,2]", "[1,1]"));
    expect(apart.changes.map((c) => [c.weight, c.copied])).toEqual([["w_padded", true]]);
    expect(apart.model.graph.nodes.map((n) => n.inputs[1])).toEqual(["w_padded", "w"]);
    const unlike = await padded(two("[2,2]", "[1,2]"));
    expect([...unlike.model.graph.initializers].map(([name, t]) => [name, t.dims])).toEqual([
      ["w_padded", [4, 2, 4, 4]],
      ["w_padded_2", [4, 2, 3, 4]],
    ]);
  });

  it("copies what lies between a weight and a convolution where others read it", async () => {
    const model = textModel(`g (float[N,2,8,8] x, float[4,2,3,3] w) => (float[N,4,4,4] y, float[N,4,8,8] z)
      { v = Identity (w) y = Conv <pads=[1,1,1,1], strides=[2,2]> (x, v) z = Conv <pads=[1,1,1,1]> (x, v) }`);
    const result = await padded(model);
    expect(result.model.graph.nodes.map((n) => n.outputs[0])).toEqual(["v", "v_padded", "y", "z"]);
  });

  it("names the constants that it reads", () => {
    const model = from("v = Identity (w)", "float one = {1}");
    expect([...kernelConstants(model)]).toEqual([model.graph.initializers.get("w")]);
  });
});

describe("integer convolutions", () => {
  it("get what stands for zero", async () => {
    const values = Array.from({ length: 72 }, (_, i) => (i * 37) % 250).join(", ");
    const qlinear = textModel(`<ir_version: 8, opset_import: ["" : 13]>
      g (uint8[1,2,8,8] x) => (uint8[1,4,4,4] y)
      <uint8[4,2,3,3] w = {${values}}, uint8 zw = {77}, uint8 zx = {120}, uint8 zy = {128}, float sx = {0.02}, float sw = {0.01}, float sy = {0.7}>
      { y = QLinearConv <pads=[1,1,1,1], strides=[2,2]> (x, sx, zx, w, sw, zw, sy, zy) }`);
    const { model } = await padded(qlinear);
    expect(tensorNumbers(model.graph.initializers.get("w")!).slice(0, 16)).toEqual([
      0, 37, 74, 77, 111, 148, 185, 77, 222, 9, 46, 77, 77, 77, 77, 77,
    ]);
    const integer = textModel(`<ir_version: 8, opset_import: ["" : 13]>
      g (uint8[1,2,9,9] x) => (int32[1,4,5,5] y) <uint8[4,2,3,3] w = {${values}}, uint8 zx = {120}, uint8 zw = {77}>
      { y = ConvInteger <pads=[1,1,1,1], strides=[2,2]> (x, w, zx, zw) }`);
    expect((await padded(integer)).changes).toMatchObject([{ pads: { after: [1, 1, 2, 2] } }]);
  });
});

describe("other kinds of models", () => {
  it("half precision", async () => {
    const model = textModel(`g (float16[1,2,8,8] h, float16[4,2,3,3] w) => (float[1,4,4,4] y)
      { c = Conv <pads=[1,1,1,1], strides=[2,2]> (h, w) y = Cast <to=1> (c) }`);
    const { model: after } = padKernels(model);
    const weight = after.graph.initializers.get("w");
    expect([weight?.dataType, weight?.dims]).toEqual(["float16", [4, 2, 4, 4]]);
    expect(tensorNumbers(weight!).filter((_, i) => i % 4 === 3 || i % 16 >= 12)).toEqual(
      new Array(56).fill(0),
    );
  });

  it("initializers that are inputs too, as before IR version 4", async () => {
    const model = textModel(`<ir_version: 3, opset_import: ["" : 8]>
      g (float[1,2,8,8] x, float[4,2,3,3] w) => (float[1,4,4,4] y, float[1,4,8,8] z)
      { y = Conv <pads=[1,1,1,1], strides=[2,2]> (x, w) z = Conv <pads=[1,1,1,1]> (x, w) }`);
    const listed = { name: "w", dataType: "float32", dims: [4, 2, 3, 3] } as const;
    const old = { ...model, graph: { ...model.graph, inputs: [...model.graph.inputs, listed] } };
    const { model: after } = await padded(old);
    expect(after.graph.inputs.map(({ name, dims }) => [name, dims])).toEqual([
      ["x", [1, 2, 8, 8]],
      ["w", [4, 2, 3, 3]],
      ["w_padded", [4, 2, 4, 4]],
    ]);
  });

  it("local functions are inlined, where they hold convolutions", async () => {
    const text = (body: string) => `<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
      g (float[N,2,8,8] x, float[4,2,3,3] w) => (float[N,4,4,4] y) { ${body} }
      <domain: "local", opset_import: ["" : 18]> down (a, k) => (r) { r = Conv <pads=[1,1,1,1], strides=[2,2]> (a, k) }
      <domain: "local", opset_import: ["" : 18]> twice (a) => (r) { r = Add (a, a) }`;
    const result = await padded(textModel(text("y = local.down (x, w)")));
    expect([summary(result).length, result.model.functions, opsetOf(result.model)]).toEqual([1, [], 18]);
    expect(result.notes).toEqual([expect.stringContaining("functions were inlined")]);
  });

  it("branches are left, with a reason", () => {
    const model =
      parseGraphText(`g (float[1,2,8,8] x, bool[] c) => (y) <float[1,2,3,3] w = {${new Array(18).fill(1)}}> {
      y = If <then_branch = t () => (float[1,1,3,3] r) { r = Conv <kernel_shape=[3,3], strides=[2,2]> (x, w) },
              else_branch = e () => (float[1,1,3,3] s) { s = Conv <kernel_shape=[3,3], strides=[2,2], dilations=[1,1]> (x, w) }> (c) }`);
    const result = padKernels(model);
    expect(result.model).toBe(model);
    expect(result.left).toMatchObject([
      { node: "r" },
      { node: "s", reason: expect.stringContaining("lies inside If") },
    ]);
  });
});

describe("what no kernel can mend", () => {
  it("pooling is left unless asked for, and then moves no window", async () => {
    const model =
      textModel(`g (float[N,2,9,9] x) => (float[N,2,4,4] y, float[N,2,5,5] z, float[N,2,1,1] whole) {
      y = MaxPool <kernel_shape=[3,3], strides=[2,2]> (x)
      z = AveragePool <kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1], ceil_mode=1> (x)
      whole = AveragePool <kernel_shape=[9,9], strides=[2,2]> (x) }`);
    const kept = await padded(model);
    expect([kept.model, kept.left.map((l) => l.node)]).toEqual([model, ["y", "z"]]);
    const enlarged = padKernels(model, { pooling: true });
    expect(enlarged.changes.map(({ weight, kernel, pads }) => [weight, kernel.after, pads.after])).toEqual([
      [null, [4, 4], [0, 0, 1, 1]],
      [null, [4, 4], [1, 1, 1, 1]],
    ]);
    const feeds = noiseFeeds(model, {}, 1);
    const [a, b] = [await run(model, feeds), await run(enlarged.model, feeds)];
    const x = feeds.x?.data as Float32Array;
    const around = (size: number) =>
      Math.max(
        ...Array.from({ length: size * size }, (_, i) => x[Math.floor(i / size) * 9 + (i % size)] as number),
      );
    expect([a.y?.data[0], b.y?.data[0]]).toEqual([around(3), around(4)]);
    expect(b.z?.dims).toEqual(a.z?.dims);
    expect(outputDifference([a], [b]).relative).toBeGreaterThan(0.01);
  });

  it("slices and nearest resizing that skip pixels are listed; patch merging skips none", async () => {
    const slices = (rows: string) =>
      textModel(`g (float[N,2,8,8] x) => (float[N,C,P,Q] y)
        <int64[1] zero = {0}, int64[1] one = {1}, int64[1] end = {100}, int64[1] h = {2}, int64[1] wide = {3}, int64[1] two = {2}, float[4] half = {1, 1, 0.5, 0.5}>
        { ${rows} }`);
    const skipping = slices("a = Slice (x, zero, end, h, two) y = Slice (a, zero, end, wide, two)");
    expect((await padded(skipping)).left.map((l) => [l.node, l.operator])).toEqual([
      ["a", "Slice"],
      ["y", "Slice"],
    ]);
    const merging = slices(`a = Slice (x, zero, end, h, two) b = Slice (x, one, end, h, two)
      c = Slice (x, zero, end, h, two) p = Slice (a, zero, end, wide, two) q = Slice (b, zero, end, wide, two)
      r = Slice (c, one, end, wide, two) d = Slice (x, one, end, h, two) s = Slice (d, one, end, wide, two)
      y = Concat <axis = 1> (p, q, r, s)`);
    expect((await padded(merging)).left).toEqual([]);
    const nearest = slices('y = Resize <mode = "nearest"> (x, , half)');
    expect((await padded(nearest)).left).toMatchObject([{ operator: "Resize" }]);
  });
});

it("a window that moved would be seen", async () => {
  const model = conv("2,8,8", "4,2,3,3", "pads=[1,1,1,1], strides=[2,2]");
  const moved = conv("2,8,8", "4,2,3,3", "pads=[0,0,2,2], strides=[2,2]");
  const feeds = noiseFeeds(model, {}, 0);
  const [a, b] = [await run(model, feeds), await run(moved, feeds)];
  const [x, y] = [a.y?.data as Float32Array, b.y?.data as Float32Array];
  const largest = (values: Float32Array) => Math.max(...values.map(Math.abs));
  const expected = largest(x.map((value, i) => value - (y[i] as number))) / largest(x);
  expect(expected).toBeGreaterThan(0.1);
  expect(outputDifference([a], [b]).relative).toBeCloseTo(expected, 6);
});
