// Oracle: the definition of instance normalization; ONNX Runtime computes the graphs.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findIn, numbers } from "../test-support/find-in.ts";

describe("fires", () => {
  it.each([
    ["on maps", "float[N,3,4,5]"],
    ["on sequences", "float[N,3,7]"],
  ])("%s", async (_, x) => {
    const constants = `${numbers("g", [3])}, ${numbers("b", [3], 0)}`;
    const found = findIn(x, constants, "n = InstanceNormalization (x, g, b)\n y = Relu (n)");
    expect(found.normalizations).toMatchObject([
      {
        form: "instance-normalization",
        kind: "instance",
        channels: 3,
        groups: 3,
        channelAxis: 1,
        acrossPositions: true,
        scale: "g",
        bias: "b",
      },
    ]);
    await expectDefinition(found);
  });

  it("with γ and β behind it, where its own are filled in", async () => {
    const constants = `float[3] "ones" = {1,1,1}, float[3] "zeros" = {0,0,0}, ${numbers("g", [1, 3, 1, 1])}, ${numbers("b", [3, 1, 1], 0)}`;
    const found = findIn(
      "float[N,3,4,5]",
      constants,
      'n = InstanceNormalization (x, "ones", "zeros")\n s = Mul (n, g)\n y = Add (s, b)',
    );
    expect(found.normalizations).toMatchObject([
      { kind: "instance", scale: "g", bias: "b", normalized: "n", output: "y" },
    ]);
    await expectDefinition(found);
  });
});

it("takes no layer scale for γ where it has its own", () => {
  const constants = `${numbers("g", [3])}, ${numbers("b", [3], 0)}, ${numbers("ls", [3, 1, 1], 0.1)}`;
  const { normalizations } = findIn(
    "float[N,3,4,5]",
    constants,
    "n = InstanceNormalization (x, g, b)\n y = Mul (n, ls)",
  );
  expect(normalizations).toMatchObject([{ scale: "g", bias: "b", output: "n" }]);
});
