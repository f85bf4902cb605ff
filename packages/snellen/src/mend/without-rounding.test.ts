// Oracle: closed forms, the same numbers times 1.001, which rounding to steps of 0.1 hides or makes a step.
import type { Model } from "@snellen/graph";
import { expect, it } from "vitest";
import { createNodeRuntime } from "../node/runtime.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { compareOutputs, noiseBench } from "./compare-outputs.ts";
import { withoutRounding } from "./without-rounding.ts";

const times = (factor: number, { zero = 128, first = "Identity" } = {}) =>
  textModel(
    `g (float[N,3,4,4] x) => (float[N,3,4,4] y) <float by = {${factor}}, float scale = {0.1}, uint8 zero = {${zero}}>
     { f = ${first} (x) m = Mul (f, by) q = QuantizeLinear (m, scale, zero) y = DequantizeLinear (q, scale, zero) }`,
  );

const differenceOf = async (...models: [Model, Model]) => {
  const bench = noiseBench({
    runtime: createNodeRuntime(),
    home: { location: "model.onnx", weights: {} },
    dims: {},
    session: { threads: 1 },
  });
  return (await compareOutputs(bench, models)).differences[0]?.relative;
};

it("lets quantized models be compared by what they compute", async () => {
  expect(await differenceOf(times(1), times(1.001))).toBeCloseTo(0.001, 6);
});

it("leaves values within what their codes reach: zero as the least code is a ReLU", async () => {
  const relu = times(1, { zero: 0, first: "Relu" });
  expect(await differenceOf(times(1, { zero: 0 }), relu)).toBe(0);
  // and as the greatest the other way round
  const [once, thrice] = [1, 3].map((factor) => times(factor, { zero: 255, first: "Abs" }));
  expect(await differenceOf(once as Model, thrice as Model)).toBe(0);
});

it("leaves models alone that quantize nothing", () => {
  const model = textModel("g (float[N,3,4,4] x) => (float[N,3,4,4] y) { y = Relu (x) }");
  expect(withoutRounding(model)).toBe(model);
});
