// The step's gradient beside finite differences of its own loss, on graphs of old and new opsets: checked without PyTorch.
// And what one thread must give: the same bits every time.
import { expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import type { Batch } from "./batch.ts";
import { noiseBytes } from "./test-support/made-batches.ts";
import { startTraining } from "./test-support/recorded-training.ts";

const WEIGHTS =
  "float[4,3,3,3] w, float[4] wb, float[4] g, float[4] b, float[4] m, float[4] v, float[6,4,1,1] w2, float[6] slope, float[6,3] fc, float[3] fb";

/** Convolution, batch normalization, SiLU, strided pooling and squeeze with excitation, a product. */
const graph = (
  opset: number,
  mean: string,
  squeeze: string,
) => `<ir_version: 7, opset_import: ["" : ${opset}]>
g (float[N,3,9,9] image, ${WEIGHTS}) => (float[N,3] y) {
  x = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (image, w, wb)
  n = BatchNormalization (x, g, b, m, v)
  s = Sigmoid (n)
  a = Mul (n, s)
  k = AveragePool <kernel_shape = [2, 2], strides = [1, 1]> (a)
  c = Conv (k, w2)
  ${mean}
  e = Sigmoid (d)
  h = Mul (c, e)
  p = GlobalAveragePool (h)
  ${squeeze}
  z = Gemm (f, fc, fb)
  y = Identity (z)
}`;

const GRAPHS = {
  "opset 9": graph(9, "d = ReduceMean <axes = [2, 3], keepdims = 1> (c)", "f = Squeeze <axes = [2, 3]> (p)"),
  "opset 20": graph(
    20,
    "axes = Constant <value_ints = [2, 3]> () d = ReduceMean <keepdims = 1> (c, axes)",
    "axes2 = Constant <value_ints = [2, 3]> () f = Squeeze (p, axes2)",
  ),
};

const network = (text: string) => describeModel(textModel(text));

const BATCH: Batch = {
  values: Float32Array.from(noiseBytes(6 * 243, 3), (byte) => (byte - 127.5) / 64),
  dims: [6, 3, 9, 9],
  classes: Int32Array.of(0, 1, 2, 2, 1, 0),
  skipped: [],
};

/** Rate −1 and no momentum: what is added to the weights is the gradient. */
const PLAIN = { optimizer: "sgd", momentum: 0, decay: 0 };

it.each(Object.entries(GRAPHS))("follows the loss uphill: %s", async (_, text) => {
  for (const wishes of [{}, { loss: "binary", labelSmoothing: 0.1 }, { loss: "mean-squared" }]) {
    await using training = await startTraining(network(text), { ...PLAIN, ...wishes });
    const { trainer } = training;
    const start = new Map([...trainer.state()].map(([name, vector]) => [name, vector.slice()]));
    await trainer.step(BATCH, -1, 1);
    const moved = trainer.state();
    const gradient = new Map(
      training.graph.weights.map(({ name }) => {
        const before = start.get(name) as Float32Array;
        return [name, (moved.get(name) as Float32Array).map((value, i) => value - (before[i] as number))];
      }),
    );
    const lossAt = async (vector: string, index: number, step: number): Promise<number> => {
      const shifted = new Map([...start].map(([name, values]) => [name, values.slice()]));
      const values = shifted.get(vector) as Float32Array;
      values[index] = (values[index] as number) + step;
      trainer.restore(shifted);
      return (await trainer.step(BATCH, 0, 1)).loss;
    };
    for (const { name, parts } of training.graph.weights) {
      for (const { name: part, offset, size } of parts) {
        const index = offset + Math.floor(size / 2);
        const step = 2e-2;
        const difference =
          ((await lossAt(name, index, step)) - (await lossAt(name, index, -step))) / (2 * step);
        const slope = (gradient.get(name) as Float32Array)[index] as number;
        // of the second order in the step, and float32's rounding of a loss near 1 over it; biases in front of a batch normalization
        // have no slope at all
        expect(Math.abs(slope - difference), part).toBeLessThan(2e-3 * Math.abs(difference) + 2e-5);
      }
    }
  }
});

it("reads opsets alike", async () => {
  const [old, now] = await Promise.all(
    Object.values(GRAPHS).map(async (text) => {
      await using training = await startTraining(network(text), { optimizer: "adamw" });
      const told = [];
      for (let step = 1; step <= 3; step++) told.push(await training.trainer.step(BATCH, 0.01, step));
      return told;
    }),
  );
  expect(old).toEqual(now);
});

it("gives the same bits twice on one thread", async () => {
  const run = async () => {
    await using training = await startTraining(network(GRAPHS["opset 20"]), {
      optimizer: "nesterov",
      average: 0.9,
      clip: 1,
    });
    for (let step = 1; step <= 5; step++) await training.trainer.step(BATCH, 0.1, step);
    return new Map([...training.trainer.state()].map(([name, vector]) => [name, vector.slice()]));
  };
  expect(await run()).toEqual(await run());
});
