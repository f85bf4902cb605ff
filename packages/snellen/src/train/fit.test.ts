// The loop, with a trainer that only counts: order, learning rate, early end, best weights, going on from a checkpoint.
// Oracle: the plan by hand.
import { describe, expect, it } from "vitest";
import type { BatchSource } from "./batch.ts";
import type { Checkpoint, EpochMetrics } from "./checkpoint.ts";
import { type FitContext, type FitPlan, fit, stepsOf } from "./fit.ts";
import { schedule } from "./schedules.ts";
import type { Trainer } from "./trainer.ts";

const PLAN: FitPlan = {
  epochs: 4,
  batch: 3,
  rate: 0.5,
  schedule: schedule("linear"),
  warmup: 0,
  seed: 5,
};

/** Ten pictures, whose numbers a batch holds. */
const pictures: BatchSource = {
  pictures: { name: "ten", labels: ["a"], count: 10, version: "1", classOf: () => 0 },
  width: 1,
  batch: async (indices) => ({
    values: Float32Array.from(indices),
    dims: [indices.length, 1, 1, 1],
    classes: new Int32Array(indices.length),
    skipped: [],
  }),
  [Symbol.asyncDispose]: async () => {},
};

/** Its weight is the number of steps; it notes what it was fed. */
function counting(loss: (step: number) => number = () => 1) {
  const fed: { readonly indices: readonly number[]; readonly rate: number; readonly step: number }[] = [];
  const weights = new Float32Array(1);
  const trainer: Trainer = {
    async step({ values }, rate, step) {
      fed.push({ indices: [...values], rate, step });
      weights[0] = (weights[0] as number) + 1;
      return { loss: loss(step), correct: 1, gradientNorm: 2 };
    },
    state: () => new Map([["weights.0", weights]]),
    restore: (state) => weights.set(state.get("weights.0") as Float32Array),
    [Symbol.asyncDispose]: async () => {},
  };
  return { fed, trainer };
}

const contextOf = (trainer: Trainer, more: Partial<FitContext> = {}): FitContext => ({
  trainer,
  training: pictures,
  keptOf: (state) => state,
  ...more,
});

describe("fit", () => {
  it("sees every picture but the last, short batch once an epoch, in another order each time", async () => {
    const { fed, trainer } = counting();
    const { progress } = await fit(PLAN, contextOf(trainer));
    expect(progress).toMatchObject({ step: 12, epoch: 4, bestEpoch: null });
    const epochs = [0, 1, 2, 3].map((e) => fed.slice(3 * e, 3 * e + 3).flatMap(({ indices }) => indices));
    for (const order of epochs) expect(new Set(order).size).toBe(9);
    expect(String(epochs[0])).not.toBe(String(epochs[1]));
    expect(fed.map(({ rate }) => rate)).toEqual(Array.from({ length: 12 }, (_, i) => 0.5 * (1 - i / 12)));
  });

  it("gives means over an epoch", async () => {
    const { trainer } = counting((step) => step);
    const told: EpochMetrics[] = [];
    await fit({ ...PLAN, epochs: 2 }, contextOf(trainer, { onEpoch: (metrics) => told.push(metrics) }));
    expect(told.map(({ loss }) => loss)).toEqual([2, 5]);
    expect(told[0]).toMatchObject({ accuracy: 3 / 9, gradientNorm: 2, step: 3, validationAccuracy: null });
  });

  it("keeps the best epoch's weights, and ends when nothing gets better", async () => {
    const { trainer } = counting();
    const accuracies = [0.5, 0.8, 0.7, 0.8, 0.75, 0.9];
    const losses = [1, 0.5, 0.5, 0.6, 0.6, 0.1];
    let epoch = 0;
    const validate = async () => {
      const found = { accuracy: accuracies[epoch] as number, loss: losses[epoch] as number, n: 10 };
      epoch++;
      return found;
    };
    const { progress, best } = await fit(
      { ...PLAN, epochs: 6, patience: 3 },
      contextOf(trainer, { validate }),
    );
    expect(progress).toMatchObject({ epoch: 5, bestEpoch: 2 });
    expect([...(best?.get("weights.0") ?? [])]).toEqual([6]);
  });

  it("goes on from any step with what a run without a break feeds", async () => {
    const whole = counting((step) => step);
    const told = await fit(PLAN, contextOf(whole.trainer));
    const first = counting((step) => step);
    let kept: Checkpoint | undefined;
    const onCheckpoint = async (make: () => Checkpoint) => {
      if (first.fed.length === 5) kept = make();
    };
    await fit(PLAN, contextOf(first.trainer, { onCheckpoint }));
    const second = counting((step) => step);
    const from = JSON.parse(JSON.stringify(kept?.progress));
    const again = await fit(
      PLAN,
      contextOf(second.trainer, { from: { ...(kept as Checkpoint), progress: from } }),
    );
    expect([...first.fed.slice(0, 5), ...second.fed]).toEqual(whole.fed);
    expect(again.progress).toEqual(told.progress);
    expect(again.state).toEqual(told.state);
  });

  it("stops at once where the loss is not finite, with the place that is found", async () => {
    const { trainer, fed } = counting((step) => (step === 4 ? Number.NaN : 1));
    const diagnose = async () => 'first in the output of layer "conv1"';
    await expect(fit(PLAN, contextOf(trainer, { diagnose }))).rejects.toMatchObject({
      code: "diverged",
      what: 'the loss is NaN at step 4 of epoch 2: first in the output of layer "conv1".',
    });
    expect(fed).toHaveLength(4);
  });

  it("ends with the signal's reason", async () => {
    const { trainer, fed } = counting();
    const abort = new AbortController();
    const onStep = () => void (fed.length === 2 && abort.abort(new Error("enough")));
    await expect(fit(PLAN, contextOf(trainer, { onStep, signal: abort.signal }))).rejects.toThrow("enough");
    expect(fed).toHaveLength(2);
  });

  it("wants at least one batch", () => {
    expect(() => stepsOf({ ...PLAN, batch: 11 }, pictures)).toThrow(
      expect.objectContaining({ code: "too-few-images" }),
    );
  });
});
