// Blocks around normalizations. Oracle: the texts, whose sizes are counted by hand.
import { canonicalize, parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { findNormalizations } from "../find-normalizations.ts";
import { layerBlocks } from "./layer-block.ts";

const NORM = (x: string, y: string, groups = 2) =>
  `${y} = GroupNormalization <num_groups = ${groups}> (${x}, gamma, beta)`;

const blocks = (body: string, inputs = "", channels = 8) => {
  const { model, shapes } = canonicalize(
    parseGraphText(`<ir_version: 10, opset_import: ["": 21]>
      g (float[N,4,6,6] x${inputs}) => (float[N,${channels},?,?] y)
      <float[8,4,3,3] w = {${new Array(288).fill(0.1)}}, float[8,2,3,3] wg = {${new Array(144).fill(0.1)}},
       float[8,8,1,1] v = {${new Array(64).fill(0.1)}}, int64[3] axes = {1, 2, 3}, float[8,8,2,2] t = {${new Array(256).fill(0.1)}},
       float[${channels}] gamma = {${new Array(channels).fill(1)}}, float[${channels}] beta = {${new Array(channels).fill(0)}}> { ${body} }`),
  );
  return layerBlocks(model, shapes, findNormalizations(model, shapes));
};

describe("layerBlocks", () => {
  it("goes from the weight's input to the activation's output", () => {
    const [block] = blocks(
      `a = Conv <strides = [2,2], pads = [1,1,1,1]> (x, w) ${NORM("a", "b")} y = Relu (b)`,
    );
    expect(block).toMatchObject({
      input: "x",
      output: "y",
      position: "before-activation",
      activation: { id: "relu" },
      inputActivation: "none",
      isInputNormalized: false,
      positions: 9,
      inputSize: 4 * 36,
      outputSize: 8 * 9,
      weight: { fanIn: 4 * 9, fanOut: 8 * 9, kernel: 9, stride: 4 },
    });
  });

  it("counts the channels of a group of convolutions, and knows what its input went through", () => {
    const found = blocks(
      `a = Conv <pads = [1,1,1,1], group = 2> (x, wg) ${NORM("a", "b")} c = Relu (b) d = Conv (c, v) ${NORM("d", "y")}`,
    );
    expect(found[0]?.weight).toMatchObject({ fanIn: 2 * 9, fanOut: 4 * 9 });
    expect(found[1]).toMatchObject({
      input: "c",
      output: "y",
      activation: "none",
      inputActivation: { id: "relu" },
      isInputNormalized: true,
      weight: { fanIn: 8, fanOut: 8, kernel: 1 },
    });
  });

  it("sees a normalization behind the activation", () => {
    const [block] = blocks(`a = Conv <pads = [1,1,1,1]> (x, w) b = Tanh (a) ${NORM("b", "y")}`);
    expect(block).toMatchObject({
      position: "after-activation",
      activation: { id: "tanh" },
      input: "x",
      output: "y",
    });
  });

  it("spreads a transposed convolution's kernel over its stride", () => {
    const found = blocks(
      `a = Conv <pads = [1,1,1,1]> (x, w) b = Relu (a) c = Conv (b, v) d = ConvTranspose <strides = [2,2], kernel_shape = [2,2]> (c, t) ${NORM("d", "y")}`,
    );
    expect(found[0]?.weight).toMatchObject({ fanIn: 8, fanOut: 8, stride: 1 / 4 });
  });

  it("has no weight behind a sum, and then starts at the normalization", () => {
    const [block] = blocks(
      `a = Conv <pads = [1,1,1,1]> (x, w) b = Conv <pads = [1,1,1,1]> (x, w) c = Sin (b) s = Add (a, c) ${NORM("s", "n")} y = Relu (n)`,
    );
    expect(block).toMatchObject({ weight: undefined, input: "s", output: "y", activation: { id: "relu" } });
  });

  it("does not take an activation whose input others read", () => {
    const [block] = blocks(
      `a = Conv <pads = [1,1,1,1]> (x, w) ${NORM("a", "b")} c = Relu (b) y = Concat <axis = 1> (b, c)`,
    );
    expect(block).toMatchObject({ activation: "none", output: "b" });
  });

  it("knows a weight that is standardized before it is used", () => {
    const [block] = blocks(
      `m = ReduceMean <keepdims = 1> (w, axes) d = Sub (w, m) q = Mul (d, d) u = ReduceMean <keepdims = 1> (q, axes) s = Sqrt (u)
       k = Div (d, s) a = Conv <pads = [1,1,1,1]> (x, k) ${NORM("a", "b")} y = Relu (b)`,
    );
    expect(block).toMatchObject({ input: "x", weight: { fanIn: 4 * 9, kernel: 9 } });
  });
});
