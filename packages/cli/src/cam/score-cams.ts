// Runs `snellen cam-score`: scores image by image into a journal, then sums up and writes the table and its plots.
import { join } from "node:path";
import { ImageError, UsageError } from "@snellen/graph";
import {
  measures as allMeasures,
  type Configuration,
  type ConfigurationScores,
  camMethod,
  camMethods,
  configurations,
  documentHtml,
  type ImageInput,
  type Measure,
  measure,
  possible,
  quickMethods,
  type SkippedImage,
  type StudyRow,
  skipReason,
  streamInOrder,
  studyImage,
  studySanity,
  summarizeStudy,
  unlessUnreadable,
  upsampling,
} from "snellen";
import { ensureFolder, type OpenedModel, readMask, writeFileAtomic } from "snellen/node";
import type { CamScoreFlags } from "../commands/cam-score.ts";
import { csvText } from "../csv.ts";
import {
  changedNote,
  type ImageVersion,
  imageVersions,
  modelVersion,
  namedVersion,
  sinceEarlier,
} from "../file-version.ts";
import { openJournal } from "../journal.ts";
import type { CommandContext } from "../main.ts";
import { noteAssumptions, openImagesWithFlags } from "../open.ts";
import { idsOf } from "../options.ts";
import { EXIT } from "../terminal.ts";
import { scoreDocument, scoreTable } from "./score-report.ts";

/** One image's scores in the journal. */
interface Entry {
  readonly image: ImageVersion;
  readonly rows: readonly StudyRow[];
}

/** What is scored on what. */
export interface ScoreJob {
  readonly model: OpenedModel;
  /** The model's file. */
  readonly path: string;
  readonly inputs: readonly string[];
}

export async function scoreCams(
  { model, path, inputs }: ScoreJob,
  flags: CamScoreFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const measures = flags.measures === undefined ? allMeasures : idsOf(flags.measures).map(measure);
  const { allowed, refused } = possible(model, wantedConfigurations(flags));
  for (const { name, reason } of refused) terminal.note(`${name} is left out: ${reason}.`);
  if (allowed.length === 0)
    throw new UsageError("no-methods", "none of the methods can explain this network.", {
      where: "--methods",
    });
  const { entries: listed, labelsFrom } = await openImagesWithFlags(model, inputs, flags, terminal);
  const entries = listed.slice(0, flags.limit);
  await ensureFolder(flags.out);
  noteAssumptions(model, entries, flags, terminal);

  const journal = await openJournal<Entry>(
    join(flags.out, "scores.jsonl"),
    {
      ...settingsOf(model, flags, allowed, measures),
      version: await modelVersion(path, flags),
      annotations: await namedVersion(labelsFrom),
    },
    flags.resume === true,
  );
  if (journal.earlier === undefined)
    terminal.note(`--resume: the scores in ${flags.out} are of other settings; all are made anew.`);
  const earlier = journal.earlier ?? [];
  const images = await imageVersions(entries);
  const { isSame, changed } = sinceEarlier(
    earlier.map(({ image }) => image),
    images,
  );
  if (changed > 0) terminal.note(changedNote(changed, entries.length, flags.out));
  const versions = new Map(images.map((image) => [image.source, image]));
  const kept = new Set(images.filter(isSame).map(({ source }) => source));
  const found = new Map(
    earlier.filter(({ image }) => kept.has(image.source)).map(({ image, rows }) => [image.source, rows]),
  );
  const missing = entries.filter(({ source }) => !found.has(source));
  const skipped: { source: string; reason: string }[] = [];
  const onSkip = (image: SkippedImage): void => {
    skipped.push({ source: image.source, reason: skipReason(image) });
  };
  for await (const image of readable(streamInOrder<ImageInput>(missing, { signal, onSkip }))) {
    const study = () =>
      studyImage(model, image, {
        configurations: allowed,
        measures,
        target: flags.target,
        readMask,
        seed: flags.seed,
        batchSize: flags.batch,
        signal,
      });
    const rows = await unlessUnreadable(image.source, study, onSkip);
    if (rows === undefined) continue;
    found.set(image.source, rows);
    await journal.add({ image: versions.get(image.source) as ImageVersion, rows });
    terminal.progress("scores", (found.size + skipped.length) / entries.length);
  }

  if (found.size === 0) throw nothingScored(skipped);
  const sanity = flags.sanity
    ? await sanityOf(model, entries, allowed, flags.seed, { terminal, signal })
    : undefined;
  for (const { reason } of skipped) terminal.warn(`skipped ${reason}`);
  // in the order of the images, whatever was resumed
  const rows = entries.flatMap(({ source }) => found.get(source) ?? []);
  const scores = summarizeStudy(rows, allowed, measures, flags.seed);
  const result = {
    version: 1,
    model: model.name,
    images: found.size,
    localized: localized(rows, measures),
    skipped,
    refused,
    measures: measures.map(({ id, title, better, paper }) => ({ id, title, better, paper })),
    configurations: scores.map((s) => describeScores(model, s)),
    sanity: sanity ?? null,
    rows,
  };
  await writeFileAtomic(join(flags.out, "scores.json"), `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(join(flags.out, "scores.csv"), csv(model, scores));
  const document = scoreDocument({
    model: model.name,
    images: found.size,
    measures,
    scores,
    refused,
    sanity,
  });
  await writeFileAtomic(join(flags.out, "scores.html"), documentHtml(document));
  terminal.result(
    result,
    () => `${scoreTable(scores, measures)}\n${found.size} images; ${join(flags.out, "scores.html")}`,
  );
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** Ends where no image could be read, rather than throwing: those that an earlier run scored may be enough. */
async function* readable(images: AsyncIterable<ImageInput>): AsyncGenerator<ImageInput> {
  try {
    yield* images;
  } catch (error) {
    if (!(error instanceof ImageError && error.code === "no-readable-image")) throw error;
  }
}

const nothingScored = (skipped: readonly { readonly reason: string }[]): ImageError =>
  new ImageError("no-readable-image", `none of the ${skipped.length} images could be scored.`, {
    where: "--images",
    hint: `The first: ${skipped[0]?.reason}`,
  });

/** Images on which maps are compared with those of randomized weights. */
const SANITY_SAMPLE = 4;

/** Methods at the default layer, on the first images that can be read. */
async function sanityOf(
  model: OpenedModel,
  entries: readonly { readonly read: () => Promise<ImageInput> }[],
  allowed: readonly Configuration[],
  seed: number,
  { terminal, signal }: CommandContext,
) {
  const quick = new Set(quickMethods(model).map(({ id }) => id));
  const methods = [...new Set(allowed.map(({ method }) => method))].filter((id) => quick.has(id));
  const read = entries.slice(0, SANITY_SAMPLE).map((entry) => entry.read().catch(() => undefined));
  const images = (await Promise.all(read)).filter((image) => image !== undefined);
  return await studySanity(model, images, methods, {
    seed: seed + 1,
    signal,
    onProgress: (done) => terminal.progress("sanity check", done),
  });
}

/** @throws UsageError `unknown-method`, `unknown-upsampling` */
function wantedConfigurations({
  methods,
  upsampling: ups,
  layer = ["auto"],
  seed,
}: CamScoreFlags): Configuration[] {
  const ids =
    methods === "all" ? camMethods.map(({ id }) => id) : idsOf(methods).map((id) => camMethod(id).id);
  const upsamplings = idsOf(ups).map((id) => upsampling(id).id);
  return layer.flatMap((name) =>
    configurations(ids, upsamplings, { layer: name, seed }).map((configuration) => ({
      ...configuration,
      name: layer.length > 1 ? `${configuration.name} ${name}` : configuration.name,
    })),
  );
}

/** What decides the scores; a journal of others is not gone on from. */
const settingsOf = (
  model: OpenedModel,
  flags: CamScoreFlags,
  allowed: readonly Configuration[],
  measures: readonly Measure[],
): object => ({
  model: model.name,
  scores: model.info.logits.value,
  preprocessing: model.info.preprocessing,
  target: flags.target,
  seed: flags.seed,
  configurations: allowed,
  measures: measures.map(({ id }) => id),
});

/** Images whose object is known and seen. */
const localized = (rows: readonly StudyRow[], measures: readonly Measure[]): number => {
  const ofPlace = measures.filter(({ needs }) => needs.includes("region")).map(({ id }) => id);
  return new Set(
    rows.filter(({ values }) => ofPlace.some((id) => values[id] !== null)).map(({ image }) => image),
  ).size;
};

const layerOf = (model: OpenedModel, { method, options: { layer } }: Configuration): string =>
  camMethod(method).kind === "pixels"
    ? "none"
    : model.layer(typeof layer === "string" ? layer : "auto").value;

const describeScores = (model: OpenedModel, { configuration, scores }: ConfigurationScores) => ({
  name: configuration.name,
  method: configuration.method,
  upsampling: configuration.upsampling,
  layer: layerOf(model, configuration),
  scores: Object.fromEntries(
    scores.map(({ measure: id, count, mean, interval }) => [
      id,
      { mean: mean ?? null, low: interval?.[0] ?? null, high: interval?.[1] ?? null, count },
    ]),
  ),
});

const csv = (model: OpenedModel, all: readonly ConfigurationScores[]): string =>
  csvText({
    columns: ["method", "upsampling", "layer", "measure", "mean", "low", "high", "images"],
    rows: all.flatMap(({ configuration, scores }) =>
      scores.map(({ measure: id, mean, interval, count }) => [
        configuration.method,
        configuration.upsampling,
        layerOf(model, configuration),
        id,
        mean ?? null,
        interval?.[0] ?? null,
        interval?.[1] ?? null,
        count,
      ]),
    ),
  });
