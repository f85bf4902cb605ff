// Oracle: the definition of group normalization; ONNX Runtime computes the graphs.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findIn, numbers } from "../test-support/find-in.ts";

const written = (x: string, axes: string) =>
  `m = ReduceMean (${x}, ${axes})\n d = Sub (${x}, m)\n q = Pow (d, two)\n v = ReduceMean (q, ${axes})\n e = Add (v, eps)\n s = Sqrt (e)\n n = Div (d, s)`;
const scalars = "float two = {2}, float eps = {0.001}";

describe("fires", () => {
  it("on groups laid out in a row", async () => {
    const constants = `${scalars}, int64[1] last = {-1}, int64[3] in = {0, 2, -1}, int64[4] out = {-1, 6, 4, 4}, ${numbers("g", [6, 1, 1])}, ${numbers("b", [6, 1, 1], 0)}`;
    const found = findIn(
      "float[N,6,4,4]",
      constants,
      `r = Reshape (x, in)\n ${written("r", "last")}\n k = Reshape (n, out)\n w = Mul (g, k)\n y = Add (w, b)`,
    );
    expect(found.normalizations).toMatchObject([
      {
        form: "reshaped-layer-normalization",
        kind: "group",
        channels: 6,
        groups: 2,
        input: "x",
        normalized: "k",
        output: "y",
        scale: "g",
        bias: "b",
      },
    ]);
    await expectDefinition(found);
  });

  it("on five axes with γ and β before the Reshape back", async () => {
    const constants = `${scalars}, int64[3] last = {2, 3, 4}, int64[5] in = {-1, 2, 3, 4, 4}, int64[4] out = {-1, 6, 4, 4}, ${numbers("g", [1, 2, 3, 1, 1])}, ${numbers("b", [2, 3, 1, 1], 0)}`;
    const found = findIn(
      "float[N,6,4,4]",
      constants,
      `r = Reshape (x, in)\n ${written("r", "last")}\n w = Mul (n, g)\n a = Add (w, b)\n k = Reshape (a, out)\n y = Relu (k)`,
    );
    expect(found.normalizations).toMatchObject([
      { kind: "group", groups: 2, scale: "g", bias: "b", output: "k", perGroup: false },
    ]);
    await expectDefinition(found);
  });

  it("on groups beside the batch, in one axis with it", async () => {
    const constants = `${scalars}, int64[1] last = {-1}, int64[2] in = {-1, 48}, int64[4] out = {-1, 6, 4, 4}`;
    const found = findIn(
      "float[N,6,4,4]",
      constants,
      `r = Reshape (x, in)\n ${written("r", "last")}\n k = Reshape (n, out)\n y = Relu (k)`,
    );
    expect(found.normalizations).toMatchObject([{ kind: "group", groups: 2, channels: 6, scale: null }]);
    await expectDefinition(found);
  });

  it("over the whole map laid out in a row", async () => {
    const constants = `${scalars}, int64[1] last = {-1}, int64[2] in = {-1, 96}, int64[4] out = {-1, 6, 4, 4}, ${numbers("g", [6, 1, 1])}`;
    const found = findIn(
      "float[N,6,4,4]",
      constants,
      `r = Reshape (x, in)\n ${written("r", "last")}\n k = Reshape (n, out)\n y = Mul (k, g)`,
    );
    expect(found.normalizations).toMatchObject([
      { kind: "layer", groups: 1, channels: 6, channelAxis: 1, acrossPositions: true, scale: "g" },
    ]);
    await expectDefinition(found);
  });
});

describe("does not fire", () => {
  it("when the Reshapes only merge positions: then it is a LayerNormalization", async () => {
    const constants = `int64[2] in = {-1, 6}, int64[4] out = {-1, 4, 4, 6}, ${numbers("g", [6])}`;
    const found = findIn(
      "float[N,4,4,6]",
      constants,
      "r = Reshape (x, in)\n n = LayerNormalization (r, g)\n y = Reshape (n, out)",
    );
    expect(found.normalizations).toMatchObject([
      { form: "layer-normalization", kind: "layer", channels: 6, input: "r", output: "n", scale: "g" },
    ]);
    await expectDefinition(found);
  });
});
