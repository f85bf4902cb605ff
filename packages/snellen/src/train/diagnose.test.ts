// A step whose numbers are not finite: the state stays as it was, and the layer is named where it began.
import { makeTensor, withGraph } from "@snellen/graph";
import { expect, it } from "vitest";
import { type DescribedModel, describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import type { Batch } from "./batch.ts";
import { startTraining } from "./test-support/recorded-training.ts";

const WEIGHTS =
  "float[4,3,3,3] w, float[4] g, float[4] b, float[4] m, float[4] v, float[4,4,1,1] w2, float[4,3] fc";

function network(altered: Record<string, number> = {}, activation = "r = Relu (n)"): DescribedModel {
  const model = textModel(
    `g (float[N,3,8,8] image, ${WEIGHTS}) => (float[N,3] y) {
      ["stem"] x = Conv (image, w)
      ["norm"] n = BatchNormalization (x, g, b, m, v)
      ${activation}
      ["second"] h = Conv (r, w2)
      p = GlobalAveragePool (h) f = Flatten (p)
      ["head"] y = MatMul (f, fc)
    }`,
  );
  const initializers = new Map(model.graph.initializers);
  for (const [name, value] of Object.entries(altered)) {
    const dims = initializers.get(name)?.dims ?? [];
    initializers.set(
      name,
      makeTensor("float32", dims, new Array(dims.reduce((a, b) => a * b, 1)).fill(value)),
    );
  }
  return describeModel(withGraph(model, { initializers }));
}

const batch = (value = 1): Batch => ({
  values: Float32Array.from({ length: 2 * 192 }, (_, i) => value * Math.cos(i)),
  dims: [2, 3, 8, 8],
  classes: Int32Array.of(0, 2),
  skipped: [],
});

const copy = (state: ReadonlyMap<string, Float32Array>) =>
  new Map([...state].map(([name, values]) => [name, values.slice()]));

it.each<[string, DescribedModel, RegExp]>([
  ["of scores beyond what numbers hold", network({ w2: 1e25, fc: 1e25 }), /output of layer "head"/],
  ["of a convolution in the middle", network({ g: 1e25, w2: 1e25 }), /output of layer "second"/],
  ["where the first layer overflows", network({ w: 1e38 }), /output of layer "stem"/],
  // √0 has no slope: everything behind it is finite
  ["of gradients alone", network({ g: 0, b: 0 }, "r = Sqrt (n)"), /gradient of "[gbw]"/],
])("names the layer %s", async (_, info, expected) => {
  await using training = await startTraining(info, { optimizer: "adamw", average: 0.9 });
  const before = copy(training.trainer.state());
  const told = await training.trainer.step(batch(), 0.1, 1);
  expect(Number.isFinite(told.loss) && Number.isFinite(told.gradientNorm)).toBe(false);
  expect(copy(training.trainer.state())).toEqual(before);
  expect(await training.diagnose(training.trainer.state(), batch(), 1)).toMatch(expected);
});

it("goes on from the untouched state", async () => {
  await using training = await startTraining(network(), { optimizer: "sgd" });
  await using other = await startTraining(network(), { optimizer: "sgd" });
  const first = await training.trainer.step(batch(), 0.1, 1);
  await other.trainer.step(batch(), 0.1, 1);
  expect(Number.isFinite(first.loss)).toBe(true);
  const broken = await training.trainer.step(batch(Number.NaN), 0.1, 2);
  expect(Number.isFinite(broken.loss)).toBe(false);
  expect(await training.trainer.step(batch(), 0.1, 2)).toEqual(await other.trainer.step(batch(), 0.1, 2));
  expect(copy(training.trainer.state())).toEqual(copy(other.trainer.state()));
});

it("tells pictures and weights that are not finite themselves", async () => {
  await using training = await startTraining(network(), {});
  const state = copy(training.trainer.state());
  expect(await training.diagnose(state, batch(Number.POSITIVE_INFINITY), 1)).toMatch(/pictures' own values/);
  const layout = training.graph.weights.find(({ parts }) => parts.some(({ name }) => name === "w2"));
  const part = layout?.parts.find(({ name }) => name === "w2");
  (state.get(layout?.name ?? "") as Float32Array)[part?.offset ?? 0] = Number.NaN;
  expect(await training.diagnose(state, batch(), 1)).toMatch(/"w2" grew beyond/);
});
