// The training loop: epochs of steps in an order that the seed decides, evaluation between them, checkpoints, an early end.
// It knows neither files nor screens: what it has to say goes to the callbacks.
import { ModelError, UsageError } from "@snellen/graph";
import { randomStream } from "../random.ts";
import type { Batch, BatchSource } from "./batch.ts";
import { batchCount, batchesOf } from "./batches.ts";
import {
  type Checkpoint,
  type EpochMetrics,
  type EpochSums,
  isBetter,
  NO_SUMS,
  type TrainingProgress,
} from "./checkpoint.ts";
import type { Evaluation } from "./evaluator.ts";
import { rateShare, type Schedule } from "./schedules.ts";
import type { StepMetrics, Trainer, TrainingState } from "./trainer.ts";

/** How long a network is trained, in which steps and at which rates. */
export interface FitPlan {
  readonly epochs: number;
  /** Pictures a step; a last batch with fewer is left out. */
  readonly batch: number;
  /** Highest learning rate. */
  readonly rate: number;
  readonly schedule: Schedule;
  /** Epochs until the rate is highest; fractions too. */
  readonly warmup: number;
  /** Of the order. */
  readonly seed: number;
  /** Epochs without a better validation accuracy after which it ends; never without it. */
  readonly patience?: number;
}

/** What a training works with, and whom it tells what. */
export interface FitContext {
  readonly trainer: Trainer;
  readonly training: BatchSource;
  /** Evaluates a state on the validation pictures; none without it. */
  readonly validate?: (state: TrainingState) => Promise<Evaluation>;
  /** Of the state, what the trained model is made of: for `best`. */
  readonly keptOf: (state: TrainingState) => ReadonlyMap<string, Float32Array>;
  readonly from?: Checkpoint;
  readonly onStep?: (step: StepTold) => void;
  readonly onEpoch?: (metrics: EpochMetrics) => void;
  readonly onSkip?: (skipped: Batch["skipped"][number]) => void;
  /** Called after each step with how to make a checkpoint, and after each epoch with `isDue`; it may wait. */
  readonly onCheckpoint?: (make: () => Checkpoint, isDue: boolean) => Promise<void>;
  /** Finds the layer where numbers stopped being finite. */
  readonly diagnose?: (state: TrainingState, batch: Batch, step: number) => Promise<string>;
  readonly signal?: AbortSignal;
}

/** One step of a training, as callbacks are told of it. */
export interface StepTold extends StepMetrics {
  /** From 1, over the whole training. */
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** Pictures of this batch. */
  readonly n: number;
  readonly rate: number;
}

/** Steps of a whole training. @throws UsageError `too-few-images` */
export function stepsOf({ epochs, batch }: FitPlan, { pictures }: BatchSource): number {
  const perEpoch = batchCount(pictures.count, { size: batch, full: true });
  if (perEpoch > 0) return epochs * perEpoch;
  throw new UsageError("too-few-images", `${pictures.count} pictures do not fill one batch of ${batch}.`, {
    where: "--batch",
    hint: `Write --batch ${Math.max(1, Math.min(pictures.count, 8))}, or give more pictures.`,
  });
}

/**
 * Trains to the end, or until validation stops getting better.
 * @returns the last checkpoint
 * @throws ModelError `diverged` where loss or gradient stop being finite; the signal's reason
 */
export async function fit(plan: FitPlan, context: FitContext): Promise<Checkpoint> {
  const { trainer, training, from, signal } = context;
  const steps = stepsOf(plan, training);
  const perEpoch = steps / plan.epochs;
  const warmup = Math.round(plan.warmup * perEpoch);
  const rateAt = (step: number): number => plan.rate * rateShare(plan.schedule, step - 1, steps, warmup);
  let { progress, best } = from ?? { progress: BEGINNING, best: undefined };
  if (from !== undefined) trainer.restore(from.state);
  const make = (): Checkpoint => ({ progress, state: copied(trainer.state()), best });
  while (!isFinished(plan, progress)) {
    const epoch = progress.epoch;
    const order = randomStream(plan.seed, epoch).permutation(training.pictures.count);
    const done = progress.step - epoch * perEpoch;
    const batches = batchesOf(training, order, { size: plan.batch, epoch, from: done, full: true, signal });
    for await (const batch of batches) {
      signal?.throwIfAborted();
      for (const skipped of batch.skipped) context.onSkip?.(skipped);
      const step = progress.step + 1;
      const rate = rateAt(step);
      const metrics = await trainer.step(batch, rate, step);
      if (!isFiniteStep(metrics)) throw await diverged(context, batch, { step, epoch: epoch + 1, metrics });
      progress = { ...progress, step, sums: added(progress.sums, metrics, batch.classes.length) };
      context.onStep?.({ ...metrics, step, steps, epoch: epoch + 1, n: batch.classes.length, rate });
      await context.onCheckpoint?.(make, false);
    }
    const metrics = await epochMetrics(context, progress, rateAt(progress.step));
    const isBest = isBetter(metrics, progress.epochs[(progress.bestEpoch ?? 0) - 1]);
    if (isBest) best = copied(context.keptOf(trainer.state()));
    progress = {
      step: progress.step,
      epoch: epoch + 1,
      sums: NO_SUMS,
      epochs: [...progress.epochs, metrics],
      bestEpoch: isBest ? epoch + 1 : progress.bestEpoch,
    };
    context.onEpoch?.(metrics);
    await context.onCheckpoint?.(make, true);
  }
  return make();
}

const BEGINNING: TrainingProgress = { step: 0, epoch: 0, sums: NO_SUMS, epochs: [], bestEpoch: null };

const isFiniteStep = ({ loss, gradientNorm }: StepMetrics): boolean =>
  Number.isFinite(loss) && Number.isFinite(gradientNorm);

const copied = (state: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> =>
  new Map([...state].map(([name, values]) => [name, values.slice()]));

/** Whether all epochs are done, or validation has stopped getting better. */
export const isFinished = (
  { epochs, patience }: Pick<FitPlan, "epochs" | "patience">,
  { epoch, bestEpoch }: Pick<TrainingProgress, "epoch" | "bestEpoch">,
): boolean =>
  epoch >= epochs || (patience !== undefined && bestEpoch !== null && epoch - bestEpoch >= patience);

const added = (sums: EpochSums, { loss, correct, gradientNorm }: StepMetrics, n: number): EpochSums => ({
  loss: sums.loss + n * loss,
  correct: sums.correct + correct,
  seen: sums.seen + n,
  gradientNorm: sums.gradientNorm + gradientNorm,
  batches: sums.batches + 1,
});

async function epochMetrics(
  { trainer, validate }: FitContext,
  { step, epoch, sums }: TrainingProgress,
  rate: number,
): Promise<EpochMetrics> {
  const validation = await validate?.(trainer.state());
  return {
    epoch: epoch + 1,
    step,
    rate,
    loss: sums.loss / sums.seen,
    accuracy: sums.correct / sums.seen,
    gradientNorm: sums.gradientNorm / sums.batches,
    validationLoss: validation?.loss ?? null,
    validationAccuracy: validation?.accuracy ?? null,
  };
}

async function diverged(
  { diagnose, trainer }: FitContext,
  batch: Batch,
  { step, epoch, metrics }: { step: number; epoch: number; metrics: StepMetrics },
): Promise<ModelError> {
  const what = Number.isFinite(metrics.loss)
    ? `the gradient is ${metrics.gradientNorm}`
    : `the loss is ${metrics.loss}`;
  const where = await diagnose?.(trainer.state(), batch, step);
  return new ModelError(
    "diverged",
    `${what} at step ${step} of epoch ${epoch}${where === undefined ? "" : `: ${where}`}.`,
    {
      where: "training",
      hint: "Lower --lr, lengthen --warmup, or shorten gradients with --clip 1.",
    },
  );
}
