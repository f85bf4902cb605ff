// Oracle: the definitions that the axes mean; ONNX Runtime computes the graphs.
import { expect, it } from "vitest";
import { expectDefinition } from "../test-support/expect-definition.ts";
import { findIn, numbers } from "../test-support/find-in.ts";

it.each([
  ["batch", "", { kind: "batch", groups: null, channels: 3 }],
  ["instance", "<axes = [2, 3]>", { kind: "instance", groups: 3, channels: 3 }],
  ["layer", "<axes = [1, 2, 3]>", { kind: "layer", groups: 1, channels: 3, acrossPositions: true }],
  ["layer of a position", "<axes = [1]>", { kind: "layer", groups: 1, channels: 3, acrossPositions: false }],
])("fires as %s normalization, with the γ and β behind it", async (_, attributes, wanted) => {
  const constants = `${numbers("g", [3, 1, 1])}, ${numbers("b", [3, 1, 1], 0)}`;
  const body = `n = MeanVarianceNormalization ${attributes} (x)\n s = Mul (n, g)\n y = Add (s, b)`;
  const found = findIn("float[2,3,4,5]", constants, body);
  expect(found.normalizations).toMatchObject([
    { form: "mean-variance-normalization", channelAxis: 1, scale: "g", bias: "b", ...wanted },
  ]);
  await expectDefinition(found);
});
