// Runs `snellen reproduce dead-pixels` and writes its page.
import {
  DEAD_PIXEL_EFFORTS,
  type DeadPixelEffort,
  type DeadPixelExperiment,
  type DeadPixelOptions,
  deadPixelsDocument,
  type Kept,
  reproduceDeadPixels,
  type TrainingStudy,
} from "snellen";
import type { OpenedModel } from "snellen/node";
import type { DeadPixelsFlags } from "../commands/reproduce/dead-pixels.ts";
import { imageVersions } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { batchOf } from "../open.ts";
import { EXIT } from "../terminal.ts";
import { type OpenedDeadPixelTrial, openDeadPixelTrials } from "./dead-pixel-trials.ts";
import { openTrainingStudy, trainingSettings } from "./experiment-data.ts";
import { experimentJournal } from "./experiment-journal.ts";
import { withoutPlots, writeExperiment } from "./experiment-study.ts";

const ID = "dead-pixels";

export async function runDeadPixels(
  paths: readonly string[],
  flags: DeadPixelsFlags,
  context: CommandContext,
  effort: DeadPixelEffort = DEAD_PIXEL_EFFORTS[flags.quick === true ? "quick" : "full"],
): Promise<number> {
  const models: OpenedModel[] = [];
  try {
    const trials = await openDeadPixelTrials(paths, flags, context.terminal, models);
    const training = await openTrainingStudy(flags, effort, context.terminal);
    const result = await experiment(trials, training, flags, context);
    return await written(result, flags, context);
  } finally {
    for (const model of models) await model[Symbol.asyncDispose]();
  }
}

async function experiment(
  trials: readonly OpenedDeadPixelTrial[],
  training: TrainingStudy<DeadPixelEffort> | undefined,
  flags: DeadPixelsFlags,
  { terminal, signal }: CommandContext,
): Promise<DeadPixelExperiment> {
  return await reproduceDeadPixels(trials, {
    seed: flags.seed,
    batch: batchOf(flags),
    pixels: flags.perturb,
    perturbedImages: flags.perturbImages,
    ...(training && { training }),
    signal,
    onProgress: (step, done) => terminal.progress(step, done),
    ...(await journalOf(
      { ...(await settingsOf(trials, flags)), trainings: trainingSettings(training) },
      flags,
      terminal,
    )),
  });
}

/** What a line of the journal holds; maps of a part as base64, which is a quarter of their numbers' text. */
interface Line {
  readonly kind: keyof Kept;
  readonly key: string;
  readonly value: object;
}

async function journalOf(
  settings: object,
  flags: DeadPixelsFlags,
  terminal: CommandContext["terminal"],
): Promise<Pick<DeadPixelOptions, "recall" | "keep">> {
  const { earlier, add } = await experimentJournal<Line>(ID, settings, flags, terminal);
  const known = new Map(earlier.map(({ kind, key, value }) => [`${kind} ${key}`, value]));
  return {
    recall: (kind, key) => {
      const value = known.get(`${kind} ${key}`);
      return value === undefined ? undefined : (CODECS[kind].decode(value) as never);
    },
    keep: (kind, key, value) =>
      add({ kind, key, value: (CODECS[kind].encode as (value: unknown) => object)(value) }),
  };
}

type Codec<T> = { readonly encode: (value: T) => object; readonly decode: (value: object) => T };

const CODECS: { readonly [K in keyof Kept]: Codec<Kept[K]> } = {
  part: {
    encode: ({ maps, ...rest }) => ({
      ...rest,
      maps: maps.map((map) => Buffer.from(map.buffer, map.byteOffset, map.byteLength).toString("base64")),
    }),
    decode: (value) => {
      const { maps, ...rest } = value as Omit<Kept["part"], "maps"> & { readonly maps: readonly string[] };
      const numbers = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
      return { ...rest, maps: maps.map(numbers) };
    },
  },
  padding: { encode: (value) => value, decode: (value) => value as Kept["padding"] },
  perturbation: { encode: (value) => value, decode: (value) => value as Kept["perturbation"] },
  training: { encode: (value) => value as object, decode: (value) => value },
};

/** What decides the numbers; a journal of others is not gone on from. */
const settingsOf = async (
  trials: readonly OpenedDeadPixelTrial[],
  flags: DeadPixelsFlags,
): Promise<object> => ({
  seed: flags.seed,
  batch: batchOf(flags),
  perturb: [flags.perturb, flags.perturbImages],
  networks: await Promise.all(
    trials.map(async ({ name, version, labels, model: { info }, entries }) => ({
      name,
      version,
      labels,
      scores: info.logits.value,
      preprocessing: info.preprocessing.spec,
      images: await imageVersions(entries),
    })),
  ),
});

async function written(
  result: DeadPixelExperiment,
  flags: DeadPixelsFlags,
  { terminal }: CommandContext,
): Promise<number> {
  const skipped = result.networks.flatMap((network) => network.skipped);
  for (const { reason } of skipped) terminal.warn(`skipped ${reason}`);
  for (const { name, refused } of result.networks)
    for (const { name: part, reason } of refused) terminal.warn(`${name}: no ${part}, as ${reason}`);
  const page = deadPixelsDocument(result);
  await writeExperiment(ID, result, { page, text: withoutPlots(page, ID) }, flags, { terminal });
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}
