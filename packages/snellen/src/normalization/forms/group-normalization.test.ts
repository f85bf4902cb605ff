// Oracle: the definition of group normalization; ONNX Runtime computes the graphs.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findExpanded, findIn, numbers } from "../test-support/find-in.ts";

const wide = `${numbers("g", [6])}, ${numbers("b", [6], 0)}`;

describe("fires", () => {
  it.each([
    [18, 3],
    [20, 3],
    [21, 6],
  ])("at opset %i with γ of %i numbers", async (opset, count) => {
    const found = findIn(
      "float[2,6,4,4]",
      `${numbers("g", [count])}, ${numbers("b", [count], 0)}`,
      "y = GroupNormalization <num_groups = 3, epsilon = 0.001> (x, g, b)",
      opset,
    );
    expect(found.normalizations).toMatchObject([
      {
        form: "group-normalization",
        kind: "group",
        channels: 6,
        groups: 3,
        scale: "g",
        bias: "b",
        perGroup: count === 3,
      },
    ]);
    await expectDefinition(found);
  });

  it("as instance normalization where each channel is a group", () => {
    const found = findIn("float[2,6,4,4]", wide, "y = GroupNormalization <num_groups = 6> (x, g, b)", 18);
    expect(found.normalizations).toMatchObject([{ kind: "instance", groups: 6, perGroup: false }]);
  });

  it.each([
    ["channels last by default", "float[2,4,4,6]", "", 3],
    ["channels first", "float[2,6,4,4]", ", channels_last = 0", 1],
  ])("on ONNX Runtime's GroupNorm, %s", (_, x, attribute, channelAxis) => {
    const body = `y = com.microsoft.GroupNorm <groups = 2, activation = 0, epsilon = 0.001${attribute}> (x, g, b)`;
    const { normalizations } = findIn(x, wide, body, 18, "com.microsoft");
    expect(normalizations).toMatchObject([
      { kind: "group", channels: 6, groups: 2, channelAxis, scale: "g", bias: "b" },
    ]);
  });

  it("on GroupNorm with a SiLU inside, which is outside once it is expanded", async () => {
    const body = "y = com.microsoft.GroupNorm <groups = 2, activation = 1, epsilon = 0.001> (x, g, b)";
    const found = findIn("float[2,4,4,6]", wide, body, 18, "com.microsoft");
    expect(found.normalizations).toMatchObject([{ form: "group-normalization", output: "y" }]);
    const expanded = findExpanded(found);
    expect(expanded.normalizations).toMatchObject([
      { kind: "group", channels: 6, groups: 2, channelAxis: 1 },
    ]);
    expect(expanded.normalizations[0]?.output).not.toBe("y");
    await expectDefinition(expanded);
  });

  it("on SkipGroupNorm, whose input is the sum where that is given out", () => {
    const body =
      "s = Relu (x)\n y, sum = com.microsoft.SkipGroupNorm <groups = 2, activation = 0> (x, g, b, s)";
    const { normalizations } = findIn("float[2,4,4,6]", wide, body, 18, "com.microsoft");
    expect(normalizations).toMatchObject([{ kind: "group", groups: 2, input: "sum" }]);
  });
});

it("has no γ where an exporter filled in ones and zeros, and one where it is frozen to ones", () => {
  const find = (name: string, bias: string) =>
    findIn(
      "float[2,6,4,4]",
      `float[6] "${name}" = {1,1,1,1,1,1}, float[6] "${bias}" = {0,0,0,0,0,0}`,
      `y = GroupNormalization <num_groups = 3> (x, "${name}", "${bias}")`,
      21,
    ).normalizations;
  expect(find("val_3", "val_4")).toMatchObject([{ scale: null, bias: null }]);
  expect(find("/norm/Constant_1_output_0", "/norm/Constant_2_output_0")).toMatchObject([
    { scale: null, bias: null },
  ]);
  expect(find("norm.weight", "norm.bias")).toMatchObject([{ scale: "norm.weight", bias: "norm.bias" }]);
});
