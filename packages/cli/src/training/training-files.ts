// The files of a training: checkpoints that appear whole, metrics, the curve, the trained model and what it was trained with.
import { basename, join } from "node:path";
import { ModelError, UsageError } from "@snellen/graph";
import {
  type Checkpoint,
  type EpochMetrics,
  type Evaluation,
  type FitContext,
  type FitPlan,
  type Plot,
  type PreparedTraining,
  requireSame,
  shareText,
  type TrainedModel,
} from "snellen";
import {
  kindOfPath,
  type OpenedModel,
  readCheckpoint,
  writeCheckpoint,
  writeFileAtomic,
  writeModelFile,
} from "snellen/node";
import type { TrainFlags } from "../commands/train.ts";
import type { Terminal } from "../terminal.ts";
import { writePlot } from "../write-plot.ts";

const CHECKPOINT = "checkpoint.safetensors";
const METRICS = "metrics.jsonl";

/** Seconds between checkpoints within an epoch. */
const EVERY = 60;

type OnCheckpoint = NonNullable<FitContext["onCheckpoint"]>;

export interface Checkpoints {
  /** What an earlier run left, with `--resume`. */
  readonly earlier: Checkpoint | undefined;
  /**
   * Runs a training that keeps its checkpoints; one that is broken off leaves where it stood.
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
  const path = join(out, CHECKPOINT);
  const earlier = resume === true ? await earlierCheckpoint(path, settings) : undefined;
  if (earlier !== undefined)
    terminal.note(`going on behind step ${earlier.progress.step} (epoch ${earlier.progress.epoch + 1}).`);
  let saved = performance.now();
  let savedStep = earlier?.progress.step;
  let hasFailed = false;
  const save = async (before: Evaluation | undefined, checkpoint: Checkpoint): Promise<void> => {
    try {
      await writeFileAtomic(join(out, METRICS), metricsText(before, checkpoint.progress.epochs));
      await writeCheckpoint(path, settings, checkpoint);
      savedStep = checkpoint.progress.step;
      hasFailed = false;
    } catch (error) {
      // hours of training are worth more than a checkpoint: a disk may have room again by the next one
      if (!(error instanceof UsageError)) throw error;
      if (!hasFailed) terminal.warn(`${error.message} The training goes on, with the checkpoint before.`);
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
          terminal.note(`${path} holds what was done; --resume goes on from there.`);
        }
        throw error instanceof ModelError && error.code === "diverged"
          ? withCheckpoint(error, path, savedStep)
          : error;
      }
    },
  };
}

/** The same, saying which weights are still good. */
const withCheckpoint = (error: ModelError, path: string, step: number | undefined): ModelError => {
  const good =
    step === undefined
      ? "There is no checkpoint yet."
      : `The last good checkpoint is of step ${step}: ${path}.`;
  return new ModelError(error.code, `${error.what} ${good}`, {
    where: error.where,
    hint: error.hint,
    cause: error,
  });
};

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
  requireSame(found.settings, JSON.parse(JSON.stringify(settings)), path);
  return found.checkpoint;
}

const metricsText = (before: Evaluation | undefined, epochs: readonly EpochMetrics[]): string =>
  [...(before === undefined ? [] : [beginning(before)]), ...epochs]
    .map((metrics) => `${JSON.stringify(metrics)}\n`)
    .join("");

/** As the epochs' metrics; nothing was trained, so that there is nothing but validation. */
const beginning = ({ loss, accuracy }: Evaluation) => ({
  epoch: 0,
  step: 0,
  validationLoss: loss,
  validationAccuracy: accuracy,
});

/** Where the trained model goes. */
const trainedFile = (path: string, { model, out }: Pick<TrainFlags, "model" | "out">): string =>
  model ?? join(out, basename(path));

/** What is trained, how, and under which settings a checkpoint may be gone on from. */
export interface TrainingJob {
  /** The model's file. */
  readonly path: string;
  readonly model: Pick<OpenedModel, "readExternal">;
  readonly prepared: PreparedTraining;
  readonly plan: FitPlan;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly flags: TrainFlags;
}

interface Outcome {
  readonly keptEpoch: number | null;
  /** On the validation pictures, before the first step. */
  readonly before: Evaluation | undefined;
  readonly test: Evaluation | undefined;
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
}

/** Writes what a finished training gives. */
export async function writeTrained(
  { path, model, prepared, plan, settings, flags }: TrainingJob,
  trained: TrainedModel,
  { progress }: Checkpoint,
  { keptEpoch, before, test, skipped }: Outcome,
): Promise<{ readonly json: object; readonly text: string }> {
  const out = trainedFile(path, flags);
  const files = await writeModelFile(out, trained.model, { readExternal: model.readExternal });
  const curve = await writePlot(flags.out, "curve.svg", curvePlot(before, progress.epochs));
  const json = {
    model: basename(path),
    files,
    ownGraph: trained.isOriginal,
    settings,
    steps: progress.step,
    trained: prepared.parameters.map(({ name, role, dims }) => ({ name, role, dims })),
    frozen: prepared.frozen.map(({ name }) => name),
    before: before ?? null,
    epochs: progress.epochs,
    keptEpoch,
    test: test ?? null,
    skipped,
  };
  const report = join(flags.out, "training.json");
  await writeFileAtomic(report, `${JSON.stringify(json, null, 1)}\n`);
  const kept = progress.epochs[(keptEpoch ?? 0) - 1];
  const lines = [
    `${out}: weights of epoch ${keptEpoch} of ${plan.epochs}${validationText(before, kept)}`,
    ...(test === undefined
      ? []
      : [`test: accuracy ${shareText(test.accuracy)} %, loss ${test.loss.toFixed(4)}, ${test.n} pictures`]),
    ...(trained.isOriginal
      ? []
      : [
          "The file's own graph computes its weights from others; the trained model has the graph as Snellen reads it.",
        ]),
    ...(skipped.length === 0 ? [] : [`Not read: ${skipped.length} pictures.`]),
    `curve: ${join(flags.out, curve)}, all numbers: ${report}`,
  ];
  return { json, text: lines.join("\n") };
}

const validationText = (before: Evaluation | undefined, kept: EpochMetrics | undefined): string =>
  before === undefined || kept?.validationAccuracy == null
    ? ""
    : `, validation accuracy ${shareText(kept.validationAccuracy)} % (before ${shareText(before.accuracy)} %)`;

/** Losses over the epochs. */
function curvePlot(before: Evaluation | undefined, epochs: readonly EpochMetrics[]): Plot {
  const all = [...(before === undefined ? [] : [beginning(before)]), ...epochs];
  const points = (key: "loss" | "accuracy" | "validationLoss" | "validationAccuracy"): [number, number][] =>
    all.flatMap((metrics: Partial<EpochMetrics>) => {
      const { epoch, [key]: value } = metrics;
      return epoch === undefined || value == null ? [] : [[epoch, value] as [number, number]];
    });
  const series = [
    { name: "training loss", points: points("loss"), style: "line" as const },
    {
      name: "validation loss",
      points: points("validationLoss"),
      style: "line" as const,
    },
    { name: "training accuracy", points: points("accuracy"), style: "dashed" as const },
    {
      name: "validation accuracy",
      points: points("validationAccuracy"),
      style: "dashed" as const,
    },
  ];
  return {
    kind: "plot",
    caption: "Loss and accuracy over the epochs",
    x: { title: "epoch", scale: "linear" },
    y: { title: "loss, and accuracy (0 to 1)", scale: "linear" },
    series: series.filter((one) => one.points.length > 0),
  };
}
