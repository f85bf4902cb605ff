// Oracle: the definition of layer normalization; ONNX Runtime computes the graphs.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findIn, numbers } from "../test-support/find-in.ts";

describe("fires", () => {
  it("over the channels of a token", async () => {
    const constants = `${numbers("g", [6])}, ${numbers("b", [6], 0)}`;
    const found = findIn("float[N,5,6]", constants, "y = LayerNormalization <epsilon = 0.001> (x, g, b)");
    expect(found.normalizations).toMatchObject([
      {
        form: "layer-normalization",
        kind: "layer",
        channels: 6,
        channelAxis: 2,
        groups: 1,
        acrossPositions: false,
        scale: "g",
        bias: "b",
      },
    ]);
    await expectDefinition(found);
  });

  it("over the whole map, γ having a number an element", async () => {
    const constants = `${numbers("g", [3, 4, 5])}, ${numbers("b", [3, 4, 5], 0)}`;
    const found = findIn("float[N,3,4,5]", constants, "y = LayerNormalization <axis = 1> (x, g, b)");
    expect(found.normalizations).toMatchObject([
      {
        kind: "layer",
        channels: 3,
        channelAxis: 1,
        groups: 1,
        acrossPositions: true,
        scale: "g",
        bias: "b",
        perGroup: false,
      },
    ]);
    await expectDefinition(found);
  });

  it.each([
    ["first", [3, 1, 1], 1, 3],
    ["last", [5], 3, 5],
  ])("over the whole map, channels %s as the γ behind it says", async (_, dims, channelAxis, channels) => {
    const constants = `float[3,4,5] "ones" = {${new Array(60).fill(1)}}, ${numbers("g", dims)}`;
    const found = findIn(
      "float[N,3,4,5]",
      constants,
      'n = LayerNormalization <axis = -3> (x, "ones")\n y = Mul (g, n)',
    );
    expect(found.normalizations).toMatchObject([
      { kind: "layer", channelAxis, channels, acrossPositions: true, scale: "g", output: "y" },
    ]);
    await expectDefinition(found);
  });

  it("as instance normalization over the rows and columns of a channel", async () => {
    const constants = `float[4,5] "ones" = {${new Array(20).fill(1)}}, ${numbers("g", [3, 1, 1])}`;
    const found = findIn(
      "float[N,3,4,5]",
      constants,
      'n = LayerNormalization <axis = 2> (x, "ones")\n y = Mul (n, g)',
    );
    expect(found.normalizations).toMatchObject([
      { kind: "instance", channels: 3, groups: 3, channelAxis: 1, scale: "g" },
    ]);
    await expectDefinition(found);
  });

  it("as instance normalization over a sequence of a convolution", () => {
    const constants = `${numbers("W", [4, 3, 1])}, float[7] "ones" = {1,1,1,1,1,1,1}`;
    const body = 'c = Conv (x, W)\n n = LayerNormalization (c, "ones")\n y = Relu (n)';
    expect(findIn("float[N,3,7]", constants, body).normalizations).toMatchObject([
      { kind: "instance", channels: 4, channelAxis: 1 },
    ]);
  });

  it("twice with one name where γ is shared", () => {
    const constants = `${numbers("g", [6])}, ${numbers("b", [6], 0)}`;
    const body = "a = LayerNormalization (x, g, b)\n r = Relu (a)\n y = LayerNormalization (r, g, b)";
    const { normalizations } = findIn("float[N,5,6]", constants, body);
    expect(normalizations.map((n) => [n.scale, n.output])).toEqual([
      ["g", "a"],
      ["g", "y"],
    ]);
  });
});

it("sees γ through what changed its shape or type", () => {
  const constants = `${numbers("g", [1, 6])}, ${numbers("b", [6], 0)}, int64[1] shape = {6}`;
  const body = "w = Identity (g)\n v = Reshape (w, shape)\n y = LayerNormalization (x, v, b)";
  const { model, normalizations } = findIn("float[N,5,6]", constants, body);
  expect(model.graph.initializers.has(normalizations[0]?.scale ?? "")).toBe(true);
});

it("takes neither a positional embedding for β nor a modulation for γ", () => {
  const constants = `float[6] "ones" = {1,1,1,1,1,1}, ${numbers("pos", [1, 5, 6], 0)}, ${numbers("W", [6, 6])}`;
  const added = findIn("float[N,5,6]", constants, 'n = LayerNormalization (x, "ones")\n y = Add (n, pos)');
  const modulated = findIn(
    "float[N,5,6]",
    constants,
    'n = LayerNormalization (x, "ones")\n m = MatMul (x, W)\n y = Mul (n, m)',
  );
  for (const { normalizations } of [added, modulated])
    expect(normalizations).toMatchObject([{ kind: "layer", scale: null, bias: null, output: "n" }]);
});

it("runs over no positions where there is one position only", () => {
  const { normalizations } = findIn("float[N,1,1,6]", numbers("g", [6]), "y = LayerNormalization (x, g)");
  expect(normalizations).toMatchObject([
    { kind: "layer", channels: 6, channelAxis: 3, acrossPositions: false },
  ]);
});
