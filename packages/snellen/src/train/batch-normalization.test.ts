// Batch normalization as it trains, beside its definition written out in plain sums. Beside PyTorch: `recorded-steps.test.ts`.
import { serializeModel, withGraph } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { inTrainingMode } from "./batch-normalization.ts";
import { findTrainable } from "./parameters.ts";
import { constantValues } from "./test-support/recorded.ts";
import { oneThread } from "./test-support/recorded-training.ts";

const EPSILON = 1e-3;

const network = (side: number) =>
  describeModel(
    textModel(
      `g (float[N,3,${side},${side}] image, float[2,3,1,1] w, float[2] g, float[2] b, float[2] m, float[2] v, float[2,2] fc) => (float[N,?] y) {
        x = Conv (image, w)
        n = BatchNormalization <epsilon = ${EPSILON}> (x, g, b, m, v)
        p = GlobalAveragePool (n) f = Flatten (p) y = MatMul (f, fc)
      }`,
    ),
  );

/** What goes in, what comes out, and the statistics of the batch. */
async function normalized(side: number, batch: number, values: (i: number) => number) {
  const info = network(side);
  const { statistics } = findTrainable(info.model, info.shapes, info.logits.value);
  const trained = inTrainingMode(info.model, info.shapes, statistics);
  const [now] = trained.statistics;
  if (now === undefined) throw new Error("no statistics");
  const outputs = ["x", "n", now.mean, now.variance].map((name) => ({
    name,
    dataType: "float32" as const,
    dims: undefined,
  }));
  const session = await oneThread.createSession({
    bytes: serializeModel(withGraph(trained.model, { outputs })),
  });
  const image = Float32Array.from({ length: batch * 3 * side * side }, (_, i) => values(i));
  const results = await session.run({ image: new Tensor("float32", image, [batch, 3, side, side]) });
  await session.dispose();
  const [x, n, mean, variance] = outputs.map(({ name }) =>
    Array.from((results[name] as Tensor).data as Float32Array),
  );
  return { info, x: x as number[], n: n as number[], mean: mean as number[], variance: variance as number[] };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

it("normalizes by the batch, and keeps PyTorch's variance with n − 1", async () => {
  const [side, batch] = [5, 4];
  const { info, x, n, mean, variance } = await normalized(side, batch, (i) => Math.sin(i * i));
  const area = side * side;
  const count = batch * area;
  for (const channel of [0, 1]) {
    const mine = x.map((_, i) => i).filter((i) => Math.floor(i / area) % 2 === channel);
    const average = sum(mine.map((i) => x[i] as number)) / count;
    const squares = sum(mine.map((i) => ((x[i] as number) - average) ** 2));
    expect(mean[channel]).toBeCloseTo(average, 6);
    expect(variance[channel]).toBeCloseTo(squares / (count - 1), 5);
    const [gamma, beta] = ["g", "b"].map((name) => constantValues(info, name)[channel] as number) as [
      number,
      number,
    ];
    for (const i of mine) {
      const expected = (gamma * ((x[i] as number) - average)) / Math.sqrt(squares / count + EPSILON) + beta;
      expect(n[i]).toBeCloseTo(expected, 5);
    }
  }
});

it("gives β where there is but one number, and nothing else than numbers where all are equal", async () => {
  const single = await normalized(1, 1, () => 10.1);
  const beta = constantValues(single.info, "b");
  expect(single.variance).toEqual([0, 0]);
  for (const channel of [0, 1]) expect(single.n[channel]).toBeCloseTo(beta[channel] as number, 3);
  // E[x²] − E[x]² of large equal numbers is rounding, of either sign
  const equal = await normalized(5, 4, () => 1000.1);
  expect(equal.variance.every((value) => value >= 0)).toBe(true);
  expect(equal.n.every(Number.isFinite)).toBe(true);
});
