// Oracle: graphs whose scores are known by construction; class scores of dense outputs by maxima computed here.
import { describe, expect, it } from "vitest";
import { describeModel } from "./describe.ts";
import { openTextModel, textModel } from "./test-support/text-model.ts";

const HEAD = "c = Conv (x, w) p = GlobalAveragePool (c) f = Flatten (p)";
const describeHead = (tail: string, outputs: string, constants = "") =>
  describeModel(
    textModel(
      `g (float[N,3,8,8] x, float[6,3,3,3] w) => (${outputs}) <${constants || "float one = {1}"}> { ${HEAD} ${tail} }`,
    ),
  );

describe("findLogits", () => {
  it.each([
    ["Softmax", "y = Softmax (f)", "float[N,6] y", "f", "Softmax"],
    ["LogSoftmax", "y = LogSoftmax (f)", "float[N,6] y", "f", "LogSoftmax"],
    ["Sigmoid", "y = Sigmoid (f)", "float[N,6] y", "f", "Sigmoid"],
    ["nothing", "y = Mul (f, one)", "float[N,6] y", "y", undefined],
    [
      "a reshaped Softmax",
      "s = Softmax (f) u = Unsqueeze (s, axes) y = Squeeze (u, axes)",
      "float[N,6] y",
      "f",
      "Softmax",
    ],
    [
      "a Softmax of a map of one cell",
      "s = Softmax <axis = 1> (p) y = Flatten (s)",
      "float[N,6] y",
      "p",
      "Softmax",
    ],
    ["the index of the highest", "y = ArgMax <axis = 1, keepdims = 0> (f)", "int64[N] y", "f", undefined],
    [
      "the index of the most probable",
      "s = Softmax (f) a = ArgMax <axis = 1> (s) y = Cast <to = 6> (a)",
      "int32[N,1] y",
      "f",
      "Softmax",
    ],
    ["a quantized output", "y = QuantizeLinear (f, one, zero)", "uint8[N,6] y", "f", undefined],
    [
      "an output quantized and back",
      "q = QuantizeLinear (f, one, zero) y = DequantizeLinear (q, one, zero)",
      "float[N,6] y",
      "f",
      undefined,
    ],
    [
      "a Softmax of quantized scores",
      "q = QuantizeLinear (f, one, zero) d = DequantizeLinear (q, one, zero) y = Softmax (d)",
      "float[N,6] y",
      "f",
      "Softmax",
    ],
    [
      "a quantized Softmax",
      "s = Softmax (f) q = QuantizeLinear (s, one, zero) y = DequantizeLinear (q, one, zero)",
      "float[N,6] y",
      "f",
      "Softmax",
    ],
  ])("goes before %s", (_, tail, outputs, value, skipped) => {
    const { logits } = describeHead(tail, outputs, "float one = {1}, uint8 zero = {0}, int64[1] axes = {2}");
    expect(logits).toMatchObject({ value, skipped, output: "y", classes: 6 });
  });

  it("takes rows of scores before anything dense, and the value that is named before both", () => {
    const text = `g (float[N,3,8,8] x, float[6,3,3,3] w) => (float[N,6,6,6] map, float[N,6] y, float[N] mean) <int64[1] last = {1}>
      { map = Conv (x, w) p = GlobalAveragePool (map) y = Flatten (p) mean = ReduceMean <keepdims = 0> (y, last) }`;
    expect(describeModel(textModel(text)).logits.value).toBe("y");
    expect(describeModel(textModel(text), { output: "map" }).logits).toMatchObject({
      value: "map",
      classes: 6,
      classAxis: 1,
    });
    expect(describeModel(textModel(text), { output: "mean" }).logits).toMatchObject({
      classes: 1,
      shape: [],
    });
    expect(() => describeModel(textModel(text), { output: "nap" })).toThrow(
      'Did you mean "map"? Its outputs: map, y, mean.',
    );
  });

  it.each([
    ["probabilities behind boxes", "s = Sigmoid (k) y = Concat <axis = 1> (four, s)", 10, "k"],
    ["scores before boxes", "y = Concat <axis = 1> (k, four)", 10, "k"],
    ["beside coefficients of masks too", "s = Sigmoid (k) y = Concat <axis = 1> (four, s, m)", 15, "k"],
    ["that cannot be told from coefficients", "y = Concat <axis = 1> (four, k, m)", 15, "y"],
    ["without boxes", "s = Sigmoid (k) y = Concat <axis = 1> (k, s)", 12, "y"],
  ])("finds the scores of a detector, %s", (_, tail, length, value) => {
    const text = `g (float[N,3,8,8] x, float[6,3,3,3] w, float[4,3,3,3] u, float[5,3,3,3] v) => (float[N,${length},36] y)
      <int64[3] s6 = {0, 6, 36}, int64[3] s4 = {0, 4, 36}, int64[3] s5 = {0, 5, 36}>
      { c = Conv (x, w) k = Reshape (c, s6) d = Conv (x, u) four = Reshape (d, s4) e = Conv (x, v) m = Reshape (e, s5) ${tail} }`;
    const { logits } = describeModel(textModel(text));
    expect(logits).toMatchObject({ value, output: "y", classAxis: 1, classes: value === "k" ? 6 : length });
  });

  it("refuses scores that are no numbers, and numbers without a row for each picture", () => {
    expect(() => describeHead("y = Round (f) z = Less (y, one)", "bool[N,6] z")).toThrow(
      "no output of known shape holds floating-point scores. Name the value to explain: --output <value>. Outputs: z.",
    );
    expect(() => describeHead("y = ReduceSum <keepdims = 0> (f)", "float y")).toThrow(
      expect.objectContaining({ code: "no-logits" }),
    );
  });

  it.each([
    ["a mask, channels first", "y = Relu (c)", "float[N,6,6,6] y", 6, 1],
    ["a mask, channels last", "y = Transpose <perm = [0, 2, 3, 1]> (c)", "float[N,6,6,6] y", 6, 3],
    ["boxes, classes last, by their Softmax", "r = Reshape (c, s) y = Softmax (r)", "float[N,108,2] y", 2, 2],
    [
      "boxes, classes first, by their Softmax",
      "r = Reshape (c, s) t = Transpose <perm = [0, 2, 1]> (r) y = Softmax <axis = 1> (t)",
      "float[N,2,108] y",
      2,
      1,
    ],
    ["boxes without a Softmax", "y = Reshape (c, s)", "float[N,108,2] y", 2, 2],
    [
      "fewer boxes than classes, by the linear layer",
      "r = Reshape (f, t) m = MatMul (r, v) y = Add (m, b)",
      "float[N,3,7] y",
      7,
      2,
    ],
    [
      "the same moved about",
      "r = Reshape (f, t) m = MatMul (r, v) h = Transpose <perm = [0, 2, 1]> (m) y = Concat <axis = 2> (h, h)",
      "float[N,7,6] y",
      7,
      1,
    ],
  ])("finds the axis of classes of %s", (_, tail, outputs, classes, classAxis) => {
    const seven = "{1, 2, 3, 4, 5, 6, 7}";
    const linear = `int64[3] t = {0, 3, 2}, float[2,7] v = {1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7}, float[7] b = ${seven}`;
    expect(describeHead(tail, outputs, `int64[3] s = {0, 108, 2}, ${linear}`).logits).toMatchObject({
      classes,
      classAxis,
    });
  });
});

describe("class scores", () => {
  const images = [1, 2, 3].map((seed) => ({
    width: 8,
    height: 8,
    data: Uint8Array.from({ length: 192 }, (_, i) => (i * (13 + seed) * 7) % 256),
    source: `${seed}`,
  }));
  const boxes = (tail: string) =>
    `g (float[N,3,8,8] x, float[6,3,3,3] w) => (float[N,108,2] y) <int64[3] s = {0, 108, 2}, int64[1] one = {1}> { c = Conv (x, w) r = Reshape (c, s) ${tail} }`;

  it("of a dense output are its highest over all positions", async () => {
    await using dense = openTextModel(boxes("y = Relu (r)"));
    await using highest = openTextModel(
      boxes("t = Relu (r) y = ReduceMax <keepdims = 0> (t, one)").replace(
        "(float[N,108,2] y)",
        "(float[N,2] y)",
      ),
    );
    const [found, expected] = [await dense.predict(images), await highest.predict(images)];
    expect(found.map((p) => p.logits)).toEqual(expected.map((p) => p.logits));
    expect(found.map((p) => p.classIndex)).toEqual(expected.map((p) => p.classIndex));
    const [a, b] = [
      await dense.cam(images, { target: 1, layer: "c" }),
      await highest.cam(images, { target: 1, layer: "c" }),
    ];
    expect(a.map((m) => m.cells.values)).toEqual(b.map((m) => m.cells.values));
    expect(a[0]?.cells.values.some((v) => v !== 0)).toBe(true);
  });
});
