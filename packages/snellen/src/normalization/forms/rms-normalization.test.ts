// Oracle: the definition; ONNX Runtime computes the graphs.
import { describe, expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findExpanded, findIn, numbers } from "../test-support/find-in.ts";

const g = numbers("g", [6]);

describe("fires", () => {
  it.each([
    ["RMSNormalization", "y = RMSNormalization <epsilon = 0.001> (x, g)", 23],
    [
      "ONNX Runtime's operator in the standard domain",
      "y = SimplifiedLayerNormalization <epsilon = 0.001> (x, g)",
      18,
    ],
  ])("on %s", async (_, body, opset) => {
    const found = findIn("float[N,5,6]", g, body, opset);
    expect(found.normalizations).toMatchObject([
      {
        form: "rms-normalization",
        kind: "rms",
        channels: 6,
        channelAxis: 2,
        groups: 1,
        acrossPositions: false,
        scale: "g",
        bias: null,
      },
    ]);
    await expectDefinition(found);
  });

  it("on the sum inside SkipSimplifiedLayerNormalization, once it is expanded", async () => {
    const body =
      "s = Relu (x)\n y = com.microsoft.SkipSimplifiedLayerNormalization <epsilon = 0.001> (x, s, g)";
    const found = findIn("float[N,5,6]", g, body, 18, "com.microsoft");
    expect(found.normalizations).toMatchObject([
      { form: "skip-normalization", kind: "rms", scale: "g", output: "y" },
    ]);
    const expanded = findExpanded(found);
    const { model, normalizations } = expanded;
    expect(normalizations).toMatchObject([
      { form: "written-out-rms-normalization", kind: "rms", scale: "g", output: "y" },
    ]);
    expect(
      model.graph.nodes.some((n) => n.opType === "Add" && n.outputs[0] === normalizations[0]?.input),
    ).toBe(true);
    await expectDefinition(expanded);
  });
});

it("takes LayerNormalization for none", () => {
  const { normalizations } = findIn("float[N,5,6]", g, "y = LayerNormalization (x, g)");
  expect(normalizations).toMatchObject([{ kind: "layer" }]);
});
