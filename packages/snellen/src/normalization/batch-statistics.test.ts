// Oracle: mean and variance of each channel over the batch, written out; and the property that what they normalize follows no scale.
import {
  type Tensor as Constant,
  canonicalize,
  elementCount,
  type Model,
  makeTensor,
  tensorNumbers,
  withGraph,
} from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { expect, it } from "vitest";
import { noise, textModel } from "../vision-model/test-support/text-model.ts";
import { withBatchStatistics } from "./batch-statistics.ts";
import { runOnce } from "./gammas/test-support/run-once.ts";
import { byDefinition } from "./test-support/by-definition.ts";

const opened = (text: string): Model => {
  const { model, shapes } = canonicalize(textModel(text));
  return withBatchStatistics(model, shapes);
};

const next = noise(3);
const input = (dims: readonly number[]) =>
  new Tensor("float32", Float32Array.from({ length: elementCount(dims) }, next), dims);

it.each([
  ["of maps", [3, 2, 4, 5], "N,2,4,5"],
  ["of vectors", [6, 2], "N,2"],
  ["of sequences", [3, 2, 7], "N,2,7"],
] as const)("normalizes by the statistics of the batch: %s", async (_, dims, declared) => {
  const model =
    opened(`g (float[${declared}] x, float[2] w, float[2] b, float[2] m, float[2] v) => (float[${declared}] y)
    { y = BatchNormalization <epsilon=0.01> (x, w, b, m, v) }`);
  const x = input(dims);
  const { y } = await runOnce(model, { x });
  const numbers = (name: string): number[] => tensorNumbers(model.graph.initializers.get(name) as Constant);
  const expected = byDefinition(Array.from(x.data as Float32Array), dims, {
    kind: "batch",
    channelAxis: 1,
    channels: 2,
    groups: null,
    acrossPositions: true,
    epsilon: 0.01,
    scale: numbers("w"),
    bias: numbers("b"),
  });
  const found = y?.data as Float32Array;
  // float32 sums in another order
  expected.forEach((value, i) => {
    expect(Math.abs((found[i] as number) - value)).toBeLessThan(1e-5);
  });
});

it("follows a scale that kept statistics would let through", async () => {
  const text = `g (float[N,2,4,4] x, float[2] w, float[2] b, float[2] m, float[2] v) => (float[N,2,4,4] y)
    <float s = {1}> { a = Mul (x, s)  y = BatchNormalization <epsilon=1e-10> (a, w, b, m, v) }`;
  const x = input([2, 2, 4, 4]);
  const at = async (model: Model, scale: number): Promise<number[]> => {
    const initializers = new Map(model.graph.initializers)
      .set("s", makeTensor("float32", [], [scale]))
      .set("v", makeTensor("float32", [2], [1, 1]));
    const { y } = await runOnce(withGraph(model, { initializers }), { x });
    return Array.from(y?.data as Float32Array);
  };
  const model = textModel(text);
  const follows = opened(text);
  expect(await at(follows, 4)).toEqual(await at(follows, 1));
  expect(await at(model, 4)).not.toEqual(await at(model, 1));
});

it("leaves a graph without kept statistics as it is", () => {
  const { model, shapes } = canonicalize(
    textModel("g (float[N,2,4,4] x) => (float[N,2,4,4] y) { y = Relu (x) }"),
  );
  expect(withBatchStatistics(model, shapes)).toBe(model);
});
