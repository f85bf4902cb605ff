// Runs `snellen robustness`: models on images under every condition, with a journal to go on from, then tables and pages.
import { basename, join } from "node:path";
import { externalTensors, UsageError } from "@snellen/graph";
import {
  conditionsOf,
  createSubject,
  evenly,
  noReadableImage,
  requireReference,
  runRobustness,
  type Severity,
  selectCorruptions,
  skipReason,
} from "snellen";
import { ensureFolder, type OpenedModel, openImages, openModelGraph } from "snellen/node";
import type { RobustnessFlags } from "../commands/robustness.ts";
import { openJournal } from "../journal.ts";
import type { CommandContext } from "../main.ts";
import { batchOf, noteAssumptions, openFileWithFlags, required } from "../open.ts";
import { outputStems } from "../output-names.ts";
import { EXIT } from "../terminal.ts";
import { readNetworks } from "./listed-networks.ts";
import { frostTexturesOf, openCorruptor } from "./open-corruptor.ts";
import { robustnessText, writeResult } from "./robustness-files.ts";
import { digestOfFiles, identityOf, type OpenedSubject } from "./robustness-identity.ts";
import {
  createLedger,
  entryOf,
  journalFile,
  type RunSettings,
  type SkippedEntry,
} from "./robustness-journal.ts";

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
  const models: OpenedSubject[] = [];
  for (const [i, { path, flags: own }] of wanted.entries())
    models.push(await openSubject(path, names[i] as string, inputs, own, terminal, opened));
  const [{ entries }] = models as [OpenedSubject];
  // before the work, not after it
  requireReference(flags.reference, names);
  await ensureFolder(flags.out);
  noteLabels(models, flags, terminal);
  const identity = await identityOf(models, conditions, flags, frostTextures);
  const settings: RunSettings = { identity, shard: flags.shard ?? null };
  const ledger = createLedger(identity);
  const path = journalFile(flags.out);
  const journal = await openJournal(path, settings, flags.resume === true, ledger.take);
  if (journal.earlier === undefined)
    terminal.note(
      `--resume: what lies in ${flags.out} is of other settings and kept as ${basename(path)}.old; all is run anew.`,
    );
  const images = partOf(entries.length, flags);
  const places = new Map(entries.map(({ source }, image) => [source, image]));
  const skipped: SkippedEntry[] = [];
  await using corruptor = openCorruptor(flags, frostTextures);
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
      observations: ledger.observations,
      signal,
      onOutcomes: ({ name }, condition, outcomes) => journal.add(entryOf(name, condition, outcomes)),
      onSkip(picture) {
        const { source } = picture;
        terminal.warn(`skipped ${skipReason(picture)}`);
        skipped.push({ image: places.get(source) as number, source, reason: skipReason(picture) });
      },
      onProgress: (share) => terminal.progress("robustness", share),
    },
  );
  if (images.length > 0 && skipped.length === images.length)
    throw noReadableImage(images.length, skipped[0]?.reason);
  for (const entry of skipped) {
    await journal.add({ skipped: entry });
    ledger.take({ skipped: entry });
  }
  const result = await writeResult(ledger, identity, flags);
  terminal.result(result, () => robustnessText(result, flags.out));
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** Those named and those listed, each with its flags; all see the same images. @throws UsageError `no-model` */
async function networksOf(
  paths: readonly string[],
  flags: RobustnessFlags,
): Promise<{ readonly path: string; readonly flags: RobustnessFlags }[]> {
  const listed = flags.networks === undefined ? [] : await readNetworks(flags.networks);
  if (listed.some(({ flags: own }) => own.images !== undefined))
    throw new UsageError("own-images", "lists images of its own, and all models see the same.", {
      where: flags.networks,
      hint: "Leave images out of the file, and give --images.",
    });
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
): Promise<OpenedSubject> {
  const file = await openModelGraph(path);
  const model = await openFileWithFlags(file, flags, terminal);
  opened.push(model);
  const { names } = model.info.labels;
  // a single score tells two classes apart
  const classCount = Math.max(2, model.info.logits.classes);
  const images = await openImages(inputs, { labelFile: flags.imageLabels, labels: names, classCount });
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

function noteLabels(
  models: readonly OpenedSubject[],
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
