// Runs `snellen robustness`: models on images under every condition, with a journal to go on from, then tables and pages.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, dirname, join } from "node:path";
import { externalTensors, UsageError } from "@snellen/graph";
import {
  type Condition,
  conditionKey,
  conditionsOf,
  createSubject,
  evenly,
  type Pixels,
  runRobustness,
  type Severity,
  type Subject,
  selectCorruptions,
  skipReason,
  VERSION,
} from "snellen";
import { ensureFolder, type OpenedModel, openModelGraph } from "snellen/node";
import type { RobustnessFlags } from "./commands/robustness.ts";
import { openJournal } from "./journal.ts";
import { readNetworks } from "./listed-networks.ts";
import type { CommandContext } from "./main.ts";
import {
  batchOf,
  noReadableImage,
  noteAssumptions,
  openFileWithFlags,
  openImagesWithFlags,
  required,
} from "./open.ts";
import { frostTexturesOf, openCorruptor } from "./open-corruptor.ts";
import { outputStems } from "./output-names.ts";
import { robustnessText, writeResult } from "./robustness-files.ts";
import {
  entryOf,
  type JournalEntry,
  journalFile,
  observationsOf,
  type RunIdentity,
  type RunSettings,
} from "./robustness-journal.ts";
import { EXIT } from "./terminal.ts";

/** A model's file, opened, with the images as it knows their classes. */
interface Opened {
  readonly subject: Subject;
  readonly model: OpenedModel;
  readonly digest: string;
  readonly entries: Awaited<ReturnType<typeof openImagesWithFlags>>["entries"];
}

export async function writeRobustness(
  paths: readonly string[],
  flags: RobustnessFlags,
  context: CommandContext,
): Promise<number> {
  const opened: OpenedModel[] = [];
  try {
    return await examine(paths, flags, context, opened);
  } finally {
    for (const model of opened) await model[Symbol.asyncDispose]();
  }
}

async function examine(
  paths: readonly string[],
  flags: RobustnessFlags,
  { terminal, signal }: CommandContext,
  opened: OpenedModel[],
): Promise<number> {
  const inputs = required(flags.images, "images", "photos/");
  const ids = selectCorruptions(flags.corruptions).map(({ id }) => id);
  const conditions = conditionsOf(ids, flags.severity as Severity[]);
  const frostTextures = await frostTexturesOf(flags);
  const wanted = await networksOf(paths, flags);
  const names = outputStems(wanted.map(({ path }) => path));
  const models: Opened[] = [];
  for (const [i, { path, flags: own }] of wanted.entries())
    models.push(await openSubject(path, names[i] as string, inputs, own, terminal, opened));
  const [{ entries }] = models as [Opened];
  requireReference(flags, names);
  await ensureFolder(flags.out);
  noteLabels(models, flags, terminal);
  const identity = identityOf(models, inputs, conditions, flags, frostTextures);
  const settings: RunSettings = { identity, shard: flags.shard ?? null };
  const journal = await openJournal<JournalEntry>(journalFile(flags.out), settings, flags.resume === true);
  if (journal.earlier === undefined)
    terminal.note(`--resume: what lies in ${flags.out} is of other settings; all is run anew.`);
  // images that could not be read are tried again
  const done = (journal.earlier ?? []).filter((entry) => !("skipped" in entry));
  const { observations, skipped } = observationsOf(identity, done);
  await using corruptor = openCorruptor(flags, frostTextures);
  const images = partOf(entries.length, flags);
  await runRobustness(
    {
      subjects: models.map(({ subject }) => subject),
      entries,
      images,
      conditions,
      seed: flags.seed,
      batch: batchOf(flags),
      at: flags.at,
    },
    {
      corruptor,
      observations,
      signal,
      async onOutcomes(subject, condition, outcomes) {
        await journal.add(entryOf(subject.name, condition, outcomes));
        observations.record(subject.name, condition, outcomes);
      },
      onSkip(picture) {
        terminal.warn(`skipped ${skipReason(picture)}`);
        skipped.set(picture.source, skipReason(picture));
      },
      onProgress: (share) => terminal.progress("robustness", share),
    },
  );
  if (images.length > 0 && skipped.size === images.length)
    throw noReadableImage(images.length, [...skipped.values()][0]);
  for (const [source, reason] of skipped) await journal.add({ skipped: { source, reason } });
  const result = await writeResult(observations, identity, skipped, flags);
  terminal.result(result, () => robustnessText(result, flags.out));
  return skipped.size > 0 ? EXIT.someSkipped : EXIT.done;
}

/** Those named and those listed, each with its flags; all see the same images. @throws UsageError `no-model` */
async function networksOf(
  paths: readonly string[],
  flags: RobustnessFlags,
): Promise<{ readonly path: string; readonly flags: RobustnessFlags }[]> {
  const listed = flags.networks === undefined ? [] : await readNetworks(flags.networks);
  const all = [
    ...paths.map((path) => ({ path, flags })),
    ...listed.map(({ path, flags: own }) => ({
      path,
      flags: { ...flags, ...defined(own), images: flags.images },
    })),
  ];
  if (all.length > 0) return all;
  throw new UsageError("no-model", "no model was given.", {
    hint: "Name models, or give a list with --networks.",
  });
}

/** Without what is undefined, which would hide a flag of the command line. */
const defined = <T extends object>(given: T): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;

async function openSubject(
  path: string,
  name: string,
  inputs: readonly string[],
  flags: RobustnessFlags,
  terminal: CommandContext["terminal"],
  opened: OpenedModel[],
): Promise<Opened> {
  const file = await openModelGraph(path);
  const model = await openFileWithFlags(file, flags, terminal);
  opened.push(model);
  const images = await openImagesWithFlags(model, inputs, flags);
  const entries = evenly(images.entries, flags.n ?? images.entries.length);
  noteAssumptions(model, entries, flags, terminal);
  const labels = entries.map(({ label }) => label);
  const locations = new Set(externalTensors(file.model).map(({ tensor }) => tensor.data.location));
  const files = [path, ...[...locations].map((location) => join(file.folder, location))];
  return {
    subject: createSubject(name, model, labels, flags.outcome),
    model,
    digest: await digestOfFiles(files),
    entries,
  };
}

/** Places of the images that are this run's. */
const partOf = (count: number, { shard }: RobustnessFlags): number[] =>
  Array.from({ length: count }, (_, i) => i).filter(
    (i) => shard === undefined || i % shard.of === shard.index - 1,
  );

/** Before the work, not after it. @throws UsageError `unknown-reference` */
function requireReference({ reference }: RobustnessFlags, names: readonly string[]): void {
  if (reference === undefined || reference === "alexnet" || names.includes(reference)) return;
  throw new UsageError("unknown-reference", `no model is called "${reference}".`, {
    where: "--reference",
    hint: `Write alexnet or one of ${names.join(", ")}.`,
  });
}

function noteLabels(
  models: readonly Opened[],
  flags: RobustnessFlags,
  terminal: CommandContext["terminal"],
): void {
  for (const { subject, entries } of models) {
    const labelled = subject.labels.filter((label) => label !== undefined).length;
    if (labelled === entries.length) continue;
    const given = flags.imageLabels === undefined ? "folders, file names" : flags.imageLabels;
    terminal.note(
      labelled === 0
        ? `${subject.name}: no image has a class that the model knows (looked at ${given}); agreement with the clean picture's output is measured instead of accuracy.`
        : `${subject.name}: ${labelled} of ${entries.length} images have a class that the model knows; accuracy is over these.`,
    );
  }
}

function identityOf(
  models: readonly Opened[],
  inputs: readonly string[],
  conditions: readonly Condition[],
  { seed, at }: RobustnessFlags,
  frostTextures: readonly Pixels[] | undefined,
): RunIdentity {
  const [{ entries }] = models as [Opened];
  return {
    snellen: VERSION,
    models: models.map(({ subject: { name, outcome, classes, labels }, model: { info }, digest }) => ({
      name,
      outcome,
      classes,
      digest,
      scores: info.logits.value,
      preprocessing: info.preprocessing.spec,
      labels: digestOf(JSON.stringify(labels)),
    })),
    images: {
      name: inputs.map((input) => basename(input)).join(", "),
      count: entries.length,
      // a shard may lie on another machine, under another folder
      digest: digestOf(JSON.stringify(entries.map(({ source }) => lastParts(source)))),
    },
    conditions: conditions.map(conditionKey),
    seed,
    at,
    frostTextures: frostTextures === undefined ? null : digestOf(...frostTextures.map(({ data }) => data)),
  };
}

const lastParts = (path: string): string => `${basename(dirname(path))}/${basename(path)}`;

function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

async function digestOfFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
