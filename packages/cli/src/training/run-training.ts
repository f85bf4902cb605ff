// Runs `snellen train` and `snellen finetune`: opens model and data, trains with checkpoints to go on from, writes the trained model.
import { loadExternalTensors, UsageError } from "@snellen/graph";
import {
  alignClasses,
  type BatchSource,
  createTraining,
  type DescribedModel,
  type Device,
  decayedScales,
  type FitPlan,
  findTrainable,
  fit,
  initialise,
  limitPictures,
  networkVersion,
  ownParameters,
  parseAugmentation,
  prepareTraining,
  schedule,
  splitPictures,
  statedPreprocessing,
  type TrainedModel,
  type TrainingPictures,
  type TrainingWishes,
  trainedNames,
  trainingNotes,
  VERSION,
  withClasses,
  withStatedFacts,
} from "snellen";
import {
  createNodeRuntime,
  createTrainingPool,
  ensureFolder,
  type OpenedModel,
  openTrainingData,
} from "snellen/node";
import type { TrainFlags } from "../commands/train.ts";
import type { CommandContext } from "../main.ts";
import { notePreprocessing, openWithFlags, required } from "../open.ts";
import { EXIT, type Terminal } from "../terminal.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { type TrainingJob, writeTrained } from "./training-files.ts";
import { noteStart, warnShared } from "./training-notes.ts";
import { removeTraining, requireRoom } from "./training-output.ts";
import { beforeText, createTrainingReport, resumeText } from "./training-text.ts";

/** The rest of the data is trained on. */
interface Sources {
  readonly training: BatchSource;
  readonly validation: BatchSource | undefined;
  readonly test: BatchSource | undefined;
}

export async function runTraining(
  path: string,
  flags: TrainFlags,
  rateShare: number,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  requireValidation(flags);
  await requireRoom(path, flags);
  await using model = await openWithFlags(path, flags, terminal);
  const data = required(flags.data, "data", "photos/");
  const info = await trainableInfo(model, flags);
  const wishes = wishesOf(info, flags);
  const prepared = prepareTraining(info, wishes);
  notePreprocessing(info, terminal);
  for (const note of trainingNotes(info)) terminal.note(note);
  const disposed: BatchSource[] = [];
  try {
    const sources = await openSources(info, data, flags, { opened: disposed, terminal });
    await ensureFolder(flags.out);
    if (flags.overwrite === true && flags.resume !== true) await removeTraining(path, flags);
    const plan = planOf(flags, flags.lr ?? prepared.options.optimizer.defaults.rate * rateShare);
    const settings = settingsOf(info, wishes, plan, sources, flags);
    const job = { path, model, prepared, plan, settings, flags };
    noteStart(job, sources.training.pictures.count, terminal);
    return await train(job, sources, context);
  } finally {
    for (const source of disposed) await source[Symbol.asyncDispose]();
  }
}

/** @throws UsageError `bad-patience`, `bad-keep` */
function requireValidation({ patience, keep, validation }: TrainFlags): void {
  if (Number(validation) !== 0) return;
  const flag = patience !== undefined ? "patience" : keep === "best" ? "keep" : undefined;
  if (flag === undefined) return;
  throw new UsageError(
    `bad-${flag}`,
    `nothing tells an epoch from a better one with --validation ${validation}.`,
    {
      where: `--${flag}`,
      hint: "Leave it out, or write --validation 0.1.",
    },
  );
}

async function train(
  job: TrainingJob,
  { training: pictures, validation, test }: Sources,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const { prepared, plan, settings, flags } = job;
  await using training = await createTraining(prepared.info, prepared.options, {
    runtime: createNodeRuntime(),
    session: { threads: flags.threads, device: flags.device as Device },
    seed: flags.seed,
  });
  const checkpoints = await createCheckpoints(flags, settings, terminal);
  const { earlier } = checkpoints;
  if (earlier !== undefined) terminal.note(resumeText(plan, earlier));
  const evaluation = { batch: plan.batch, signal };
  const evaluate = (kept: ReadonlyMap<string, Float32Array>, source: BatchSource | undefined) =>
    source && training.evaluate(kept, source, evaluation);
  if (validation !== undefined) terminal.progress("validation before the first step", 0);
  // a run that goes on finds the same: the trainer still has the model's own weights
  const before = await evaluate(training.keptOf(training.trainer.state()), validation);
  if (before !== undefined && earlier === undefined) terminal.note(beforeText(before));
  const report = createTrainingReport(plan, earlier, terminal);
  return await checkpoints.guarded({ before, signal }, async (onCheckpoint) => {
    const last = await fit(plan, {
      trainer: training.trainer,
      training: pictures,
      keptOf: training.keptOf,
      validate: validation && ((state) => training.evaluate(training.keptOf(state), validation, evaluation)),
      from: earlier,
      ...report,
      onCheckpoint,
      diagnose: training.diagnose,
      signal,
    });
    const isBest = flags.keep !== "last" && last.best !== undefined;
    const kept = isBest ? last.best : training.keptOf(last.state);
    const trained = stated(training.model(kept), prepared.info, pictures);
    const written = await writeTrained(job, trained, last, {
      keptEpoch: isBest ? last.progress.bestEpoch : last.progress.epoch,
      before,
      test: await evaluate(kept, test),
      skipped: report.skipped(),
    });
    terminal.result(written.json, () => written.text);
    return report.skipped().length > 0 ? EXIT.someSkipped : EXIT.done;
  });
}

/** The trained model, whose file says what an exam of it or a heat map would ask for with flags. */
const stated = (trained: TrainedModel, info: DescribedModel, { pictures }: BatchSource): TrainedModel => ({
  ...trained,
  model: withStatedFacts(
    trained.model,
    statedPreprocessing(info.preprocessing.spec),
    trainedNames(info, pictures),
  ),
});

/** With its weights in memory, new ones where they are asked for. */
async function trainableInfo(
  { info, readExternal }: OpenedModel,
  flags: TrainFlags,
): Promise<DescribedModel> {
  const model = await loadExternalTensors(info.model, readExternal, () => true);
  const loaded = ownParameters({ ...info, model });
  if (flags.fromScratch !== true) return loaded;
  return initialise(loaded, findTrainable(loaded.model, loaded.shapes, loaded.logits.value), flags.seed);
}

const wishesOf = (info: DescribedModel, flags: TrainFlags): TrainingWishes => ({
  loss: flags.loss,
  labelSmoothing: flags.smoothing,
  optimizer: flags.optimizer,
  momentum: flags.momentum,
  secondMoment: flags.beta2,
  decay: flags.decay,
  decayed: flags.decayOn === "plan" ? decayedScales(info, "plan") : flags.decayOn,
  freeze: flags.freeze,
  only: flags.only,
  keepStatistics: flags.freezeStatistics,
  clip: flags.clip,
  average: flags.ema,
  dropout: flags.dropout,
  dropPath: flags.dropPath,
});

const planOf = (flags: TrainFlags, rate: number): FitPlan => ({
  epochs: flags.epochs,
  batch: flags.batch,
  rate,
  schedule: schedule(flags.schedule),
  warmup: flags.warmup,
  seed: flags.seed,
  patience: flags.patience,
});

/** What decides the numbers: a checkpoint of others is not gone on from. */
const settingsOf = (
  info: DescribedModel,
  { decayed, ...wishes }: TrainingWishes,
  { schedule: { id }, ...plan }: FitPlan,
  { training, validation }: Sources,
  flags: TrainFlags,
): Readonly<Record<string, unknown>> => ({
  snellen: VERSION,
  model: networkVersion(info),
  classes: info.labels.names ?? null,
  scores: info.logits.value,
  preprocessing: info.preprocessing.spec,
  data: training.pictures.version,
  validation: validation?.pictures.version ?? null,
  augment: flags.augment ?? "none",
  fromScratch: flags.fromScratch === true,
  ...Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined)),
  decayOn: flags.decayOn,
  ...plan,
  schedule: id,
});

async function openSources(
  info: DescribedModel,
  data: string,
  flags: TrainFlags,
  { opened, terminal }: { readonly opened: BatchSource[]; readonly terminal: Terminal },
): Promise<Sources> {
  const side = Math.min(...info.input.size);
  const augmentation = flags.augment === undefined ? undefined : parseAugmentation(flags.augment, side);
  const open = (spec: string, split: "train" | "test") =>
    openTrainingData(spec, {
      split,
      labelFile: flags.dataLabels,
      labels: info.labels.names,
    });
  const whole = await open(data, "train");
  const share = Number(flags.validation);
  const parts = await partsOf(limited(whole, flags), share, flags, open);
  const pool = (pictures: TrainingPictures | undefined, isTraining: boolean): BatchSource | undefined => {
    if (pictures === undefined) return undefined;
    const source = createTrainingPool(pictures, {
      spec: info.preprocessing.spec,
      seed: flags.seed,
      augmentation: isTraining ? augmentation : undefined,
      threads: flags.workers,
    });
    opened.push(source);
    return withClasses(source, alignClasses(info, pictures));
  };
  const test = flags.test === undefined ? undefined : await open(flags.test, "test");
  for (const [flag, tested] of [
    ["validation", parts.validation],
    ["test", test],
  ] as const)
    if (tested !== undefined) warnShared(flag, parts.train, tested, terminal);
  return {
    training: pool(parts.train, true) as BatchSource,
    validation: pool(parts.validation, false),
    test: pool(test, false),
  };
}

const limited = (pictures: TrainingPictures, { limit, seed }: TrainFlags): TrainingPictures =>
  limit === undefined ? pictures : limitPictures(pictures, limit, seed);

/** @throws UsageError `bad-validation` */
async function partsOf(
  whole: TrainingPictures,
  share: number,
  { validation, seed }: TrainFlags,
  open: (spec: string, split: "test") => Promise<TrainingPictures>,
): Promise<{ readonly train: TrainingPictures; readonly validation: TrainingPictures | undefined }> {
  if (share === 0) return { train: whole, validation: undefined };
  if (!Number.isNaN(share)) {
    if (share < 0 || share >= 1)
      throw new UsageError(
        "bad-validation",
        `expected a share from 0 to below 1, or a set, got "${validation}".`,
        {
          where: "--validation",
          hint: "Write --validation 0.1.",
        },
      );
    const { train, test } = splitPictures(whole, share, seed);
    return { train, validation: test };
  }
  return { train: whole, validation: await open(validation, "test") };
}
