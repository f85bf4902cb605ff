// Oracle: the ONNX operator's definition; in training mode, mean and variance over the batch.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findIn, numbers } from "../test-support/find-in.ts";

const parameters = [numbers("g", [3]), numbers("b", [3], 0), numbers("m", [3], 0), numbers("v", [3])].join(
  ", ",
);
const find = (body: string, constants = parameters) => findIn("float[2,3,4,4]", constants, body);

describe("fires", () => {
  it("in inference form", () => {
    const { normalizations } = find("y = BatchNormalization <epsilon = 0.01> (x, g, b, m, v)");
    expect(normalizations).toMatchObject([
      {
        form: "batch-normalization",
        kind: "batch",
        channels: 3,
        channelAxis: 1,
        groups: null,
        scale: "g",
        bias: "b",
        input: "x",
        output: "y",
      },
    ]);
    expect(normalizations[0]?.epsilon).toBeCloseTo(0.01, 7);
  });

  it("in training mode", async () => {
    const found = find("y, rm, rv = BatchNormalization <training_mode = 1> (x, g, b, m, v)");
    expect(found.normalizations).toMatchObject([{ kind: "batch", scale: "g", output: "y" }]);
    await expectDefinition(found);
  });

  it("on statistics over the batch, written out", async () => {
    const axes = "int64[3] axes = {0, 2, 3}, float eps = {0.001}";
    const found = find(
      "mean = ReduceMean (x, axes)\n d = Sub (x, mean)\n q = Mul (d, d)\n var = ReduceMean (q, axes)\n e = Add (var, eps)\n s = Sqrt (e)\n n = Div (d, s)\n w = Mul (n, g)\n y = Add (w, b)",
      `${numbers("g", [1, 3, 1, 1])}, ${numbers("b", [3, 1, 1], 0)}, ${axes}`,
    );
    expect(found.normalizations).toMatchObject([
      { kind: "batch", channels: 3, groups: null, scale: "g", bias: "b" },
    ]);
    await expectDefinition(found);
  });
});

describe("does not fire", () => {
  it.each([
    [
      "on a product and a sum with constants behind a convolution",
      "c = Conv (x, W)\n s = Mul (c, g)\n y = Add (s, b)",
    ],
    ["on kept statistics taken off by hand", "d = Sub (x, b)\n y = Div (d, g)"],
  ])("%s", (_, body) => {
    const constants = [numbers("g", [3, 1, 1]), numbers("b", [3, 1, 1], 0), numbers("W", [3, 3, 1, 1])].join(
      ", ",
    );
    expect(find(body, constants).normalizations).toEqual([]);
  });

  it("on weights that a network standardizes", () => {
    const { normalizations } = find(
      "n, rm, rv = BatchNormalization <training_mode = 1> (w, g, b, m, v)\n k = Reshape (n, shape)\n y = Conv (x, k)",
      `${parameters}, ${numbers("w", [1, 3, 6])}, int64[4] shape = {2, 3, 1, 3}`,
    );
    expect(normalizations).toEqual([]);
  });
});
