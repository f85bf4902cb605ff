// Oracle: closed forms, the same numbers times 1.001, which rounding to steps of 0.1 hides or makes a step.
import { expect, it } from "vitest";
import { createNodeRuntime } from "../node/runtime.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { compareOutputs, noiseBench } from "./compare-outputs.ts";
import { withoutRounding } from "./without-rounding.ts";

const times = (factor: number) =>
  textModel(
    `g (float[N,3,4,4] x) => (float[N,3,4,4] y) <float by = {${factor}}, float scale = {0.1}, uint8 zero = {128}>
     { m = Mul (x, by) q = QuantizeLinear (m, scale, zero) y = DequantizeLinear (q, scale, zero) }`,
  );

it("lets quantized models be compared by what they compute", async () => {
  const bench = noiseBench({
    runtime: createNodeRuntime(),
    home: { location: "model.onnx", weights: {} },
    dims: {},
    session: { threads: 1 },
  });
  const { differences } = await compareOutputs(bench, [times(1), times(1.001)]);
  expect(differences[0]?.relative).toBeCloseTo(0.001, 6);
});

it("leaves models alone that quantize nothing", () => {
  const model = textModel("g (float[N,3,4,4] x) => (float[N,3,4,4] y) { y = Relu (x) }");
  expect(withoutRounding(model)).toBe(model);
});
