// Ten steps beside PyTorch's in float64 (tools/reference/training_steps.py). Its own float32 is apart by up to 3e-6, as no ReLU of
// these runs flips; ours is within the same bounds: 1e-6 for losses, 5e-6 for weights, statistics and scores.
import { serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import type { BatchSource } from "./batch.ts";
import { prepareTraining } from "./prepare.ts";
import { MADE, madeBatch } from "./test-support/made-batches.ts";
import {
  type RecordedRun,
  recorded,
  recordedNetwork,
  recordedNetworks,
  torchNames,
  wishesOf,
} from "./test-support/recorded.ts";
import { oneThread, projections, tenSteps } from "./test-support/recorded-training.ts";
import { createTraining, type Training } from "./training.ts";

const LOSS = 1e-6;
/** Length of the whole gradient. */
const NORM = 3e-6;
const WEIGHT = 5e-6;

const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, i) => value - (b[i] as number))) / Math.hypot(...b);

const CASES = recordedNetworks.flatMap((network) => {
  const record = recorded(network);
  return Object.entries(record.runs).map(([id, run]) => ({ network, id, run, record }));
});

describe.each(CASES)("$network, $id", ({ network, id, run, record }) => {
  it("ends where PyTorch ends", async () => {
    const prepared = prepareTraining(recordedNetwork(network), wishesOf(run));
    await using training = await createTraining(prepared.info, prepared.options, { runtime: oneThread });
    const told = await tenSteps(training, run.settings.rate);
    const column = (of: "loss" | "gradientNorm" | "correct") => told.map((step) => step[of]);
    expect(apart(column("loss"), run.losses)).toBeLessThan(LOSS);
    expect(apart(column("gradientNorm"), run.gradientNorms)).toBeLessThan(NORM);
    expect(column("correct")).toEqual(run.correct);
    // biases of keys have no gradient but rounding's, which Adam scales up
    const isNoise = (name: string) => id === "adamw" && name.endsWith("qkv.bias");
    expectWeights(training, run, torchNames(prepared, record), isNoise);
    await expectInference(training, run);
  });
});

function expectWeights(
  training: Training,
  run: RecordedRun,
  torch: ReadonlyMap<string, string>,
  isNoise: (name: string) => boolean,
): void {
  const statistics = projections(training, "statistics");
  expect([...statistics.keys()].sort()).toEqual(Object.keys(run.statistics).sort());
  for (const [name, { told }] of statistics)
    expect(apart(told, run.statistics[name] as [number, number]), name).toBeLessThan(WEIGHT);
  for (const of of run.settings.average === undefined
    ? (["weights"] as const)
    : (["weights", "averages"] as const)) {
    for (const [name, { told }] of projections(training, of)) {
      const known = run[of][name];
      // under another name it may lie transposed: its length stays; constants of an untrained network were equal
      const [length] = known ?? run[of][torch.get(name) ?? ""] ?? [];
      if (length === undefined || isNoise(name) || (known === undefined && isShared(name))) continue;
      const distance = known === undefined ? Math.abs(told[0] - length) / length : apart(told, known);
      expect(distance, `${of} ${name}`).toBeLessThan(WEIGHT);
    }
  }
}

/** Named by `ownParameters`: which of PyTorch's it is cannot be told by what it began with. */
const isShared = (name: string): boolean => /\.(scale|shift)$/.test(name);

async function expectInference(training: Training, run: RecordedRun): Promise<void> {
  // recorded with the plain weights, and not with their average
  const plain = training.trainer.state();
  const { loss, accuracy, n } = await training.evaluate(plain, lastBatch, { batch: 3 });
  expect(n).toBe(MADE.batch);
  // rounding of scores, which are below 10, whatever the loss
  expect(Math.abs(loss - run.evaluation.loss)).toBeLessThan(WEIGHT);
  expect(accuracy).toBe(run.evaluation.accuracy);

  const trained = training.model(plain);
  const session = await oneThread.createSession({ bytes: serializeModel(trained.model) });
  const { values, dims } = madeBatch(MADE.steps);
  const results = await session.run({ input: new Tensor("float32", values, [...dims]) });
  await session.dispose();
  expect(apart(Array.from(results.logits?.data as Float32Array), run.evaluation.logits)).toBeLessThan(WEIGHT);
}

/** The batch behind the ten, of which parts may be asked for. */
const last = madeBatch(MADE.steps);
const lastBatch: BatchSource = {
  pictures: {
    name: "made",
    labels: ["0", "1", "2", "3"],
    count: MADE.batch,
    version: "made",
    classOf: (index) => last.classes[index] as number,
  },
  width: 1,
  batch: (indices) =>
    Promise.resolve({
      values: Float32Array.from(
        indices.flatMap((i) => [...last.values.subarray(i * MADE.size, (i + 1) * MADE.size)]),
      ),
      dims: [indices.length, ...MADE.dims],
      classes: Int32Array.from(indices, (i) => last.classes[i] as number),
      skipped: [],
    }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
