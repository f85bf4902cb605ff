// Checkpoints that appear whole, with the metrics so far, and what becomes of them where a disk is full or a training is broken off.
import { join } from "node:path";
import { ModelError, UsageError } from "@snellen/graph";
import { type Checkpoint, type EpochMetrics, type Evaluation, type FitContext, requireSame } from "snellen";
import { kindOfPath, readCheckpoint, writeCheckpoint, writeFileAtomic } from "snellen/node";
import type { TrainFlags } from "../commands/train.ts";
import type { Terminal } from "../terminal.ts";
import { FILES } from "./training-output.ts";
import { epochsText } from "./training-text.ts";

/** Seconds between checkpoints within an epoch. */
const EVERY = 60;

type OnCheckpoint = NonNullable<FitContext["onCheckpoint"]>;

export interface Checkpoints {
  /** What an earlier run left, with `--resume`. */
  readonly earlier: Checkpoint | undefined;
  /**
   * Runs a training that keeps its checkpoints, to its last file; one that is broken off leaves where it stood.
   * @param before what the model was worth, the first line of the metrics
   */
  guarded<T>(
    given: { readonly before: Evaluation | undefined; readonly signal: AbortSignal },
    work: (onCheckpoint: OnCheckpoint) => Promise<T>,
  ): Promise<T>;
}

/**
 * @throws UsageError `no-checkpoint`, `other-settings`; ModelError `bad-checkpoint`
 */
export async function createCheckpoints(
  { out, resume }: Pick<TrainFlags, "out" | "resume">,
  settings: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<Checkpoints> {
  const path = join(out, FILES.checkpoint);
  const earlier = resume === true ? await earlierCheckpoint(path, settings) : undefined;
  let saved = performance.now();
  let kept = earlier?.progress;
  let hasFailed = false;
  const save = async (before: Evaluation | undefined, checkpoint: Checkpoint): Promise<void> => {
    try {
      await writeFileAtomic(join(out, FILES.metrics), metricsText(before, checkpoint.progress.epochs));
      await writeCheckpoint(path, settings, checkpoint);
      kept = checkpoint.progress;
      hasFailed = false;
    } catch (error) {
      // hours of training are worth more than a checkpoint: a disk may have room again by the next one
      if (!(error instanceof UsageError)) throw error;
      if (!hasFailed) terminal.warn(`${error.message} The training goes on; ${keptText(path, kept)}`);
      hasFailed = true;
    }
    saved = performance.now();
  };
  return {
    earlier,
    async guarded({ before, signal }, work) {
      let make: (() => Checkpoint) | undefined;
      try {
        return await work(async (now, isDue) => {
          make = now;
          if (isDue || performance.now() - saved > 1000 * EVERY) await save(before, now());
        });
      } catch (error) {
        if (signal.aborted && make !== undefined) {
          await save(before, make());
          if (!hasFailed) terminal.note(`${path} holds what was done; --resume goes on from there.`);
        }
        throw withCheckpoint(error, path, kept);
      } finally {
        if (hasFailed) terminal.warn(`later checkpoints could not be written: ${keptText(path, kept)}`);
      }
    },
  };
}

type Progress = Checkpoint["progress"];

const keptText = (path: string, kept: Progress | undefined): string =>
  kept === undefined
    ? "there is no checkpoint yet."
    : `the last checkpoint holds ${epochsText(kept.epoch)} (step ${kept.step}): ${path}.`;

/** The same, saying which weights are still good. */
function withCheckpoint(error: unknown, path: string, kept: Progress | undefined): unknown {
  const isDiverged = error instanceof ModelError && error.code === "diverged";
  const isUnwritten = error instanceof UsageError && error.code === "output-not-writable";
  if (!isDiverged && !isUnwritten) return error;
  const text = keptText(path, kept);
  const what = `${error.what} ${text.replace(/^t/, "T")}`;
  const { where } = error;
  if (isDiverged) return new ModelError(error.code, what, { where, hint: error.hint, cause: error });
  return new UsageError(error.code, what, {
    where,
    hint:
      kept === undefined
        ? error.hint
        : "Make room, and run the same with --resume: nothing is trained twice.",
    cause: error,
  });
}

async function earlierCheckpoint(
  path: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Checkpoint> {
  if ((await kindOfPath(path)) === "missing")
    throw new UsageError("no-checkpoint", "there is no checkpoint.", {
      where: path,
      hint: "Give the --out folder of a training, or begin without --resume.",
    });
  const found = await readCheckpoint(path);
  requireSame(found.settings, JSON.parse(JSON.stringify(settings)), path, NAMES);
  return found.checkpoint;
}

/** Flags of the settings, and words for those that follow from several. */
const NAMES: Readonly<Record<string, string>> = {
  snellen: "version of Snellen",
  classes: "list of class names",
  data: "set of training pictures",
  validation: "set of validation pictures",
  augment: "--augment",
  fromScratch: "--from-scratch",
  loss: "--loss",
  labelSmoothing: "--smoothing",
  optimizer: "--optimizer",
  momentum: "--momentum",
  secondMoment: "--beta2",
  decay: "--decay",
  decayOn: "--decay-on",
  freeze: "--freeze",
  only: "--only",
  keepStatistics: "--freeze-statistics",
  clip: "--clip",
  average: "--ema",
  dropout: "--dropout",
  dropPath: "--drop-path",
  epochs: "--epochs",
  batch: "--batch",
  rate: "--lr",
  schedule: "--schedule",
  warmup: "--warmup",
  seed: "--seed",
  patience: "--patience",
};

const metricsText = (before: Evaluation | undefined, epochs: readonly EpochMetrics[]): string =>
  metricsOf(before, epochs)
    .map((metrics) => `${JSON.stringify(metrics)}\n`)
    .join("");

/** The epochs behind epoch 0, in which nothing was trained, so that there is nothing but validation. */
export const metricsOf = (
  before: Evaluation | undefined,
  epochs: readonly EpochMetrics[],
): readonly Partial<EpochMetrics>[] => [
  ...(before === undefined
    ? []
    : [{ epoch: 0, step: 0, validationLoss: before.loss, validationAccuracy: before.accuracy }]),
  ...epochs,
];
