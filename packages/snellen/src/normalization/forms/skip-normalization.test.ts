// Oracle: the definition of layer normalization, applied to the sum that ONNX Runtime computes.
import { expect, it } from "vitest";
import { expandFusedNormalizations } from "../find-normalizations.ts";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findExpanded, findIn, numbers } from "../test-support/find-in.ts";

const constants = `${numbers("g", [6])}, ${numbers("b", [6], 0)}, ${numbers("shift", [6], 0.2)}`;
const find = (body: string) =>
  findIn("float[N,5,6]", constants, `s = Relu (x)\n ${body}`, 18, "com.microsoft");

it("fires, with the sum as its input where the node gives it out", () => {
  const four = find(
    "y, , , sum = com.microsoft.SkipLayerNormalization <epsilon = 0.001> (x, s, g, b)\n z = Relu (sum)",
  );
  expect(four.normalizations).toMatchObject([
    {
      form: "skip-normalization",
      kind: "layer",
      channels: 6,
      channelAxis: 2,
      groups: 1,
      input: "sum",
      scale: "g",
      bias: "b",
    },
  ]);
});

it("shows the sum once it is expanded", async () => {
  const found = find("y = com.microsoft.SkipLayerNormalization <epsilon = 0.001> (x, s, g, b, shift)");
  expect(found.normalizations).toMatchObject([{ input: "x", output: "y" }]);
  const expanded = findExpanded(found);
  expect(expanded.normalizations).toMatchObject([
    { form: "layer-normalization", kind: "layer", scale: "g", bias: "b", output: "y" },
  ]);
  await expectDefinition(expanded);
});

it("leaves a model without such nodes as it is", () => {
  const { model, shapes } = find("y = LayerNormalization (s, g, b)");
  expect(expandFusedNormalizations(model, shapes).model).toBe(model);
});
