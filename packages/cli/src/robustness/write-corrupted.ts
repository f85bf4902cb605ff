// Runs `snellen corrupt`: every picture under every corruption and severity, written as files, with contact sheets.
import { basename, join } from "node:path";
import { ImageError } from "@snellen/graph";
import {
  type CorruptedCondition,
  type Corruptor,
  type Image,
  type ImageInput,
  noReadableImage,
  requirePixels,
  type Severity,
  type Source,
  selectCorruptions,
  skipReason,
  streamInOrder,
  VERSION,
} from "snellen";
import { encodePng, ensureFolder, kindOfPath, openImages, writeFileAtomic } from "snellen/node";
import type { CorruptFlags } from "../commands/corrupt.ts";
import { namedVersion } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { noteLeftOut } from "../open.ts";
import { outputStems } from "../output-names.ts";
import { EXIT } from "../terminal.ts";
import {
  type CorruptionManifest,
  corruptedName,
  earlierFiles,
  MANIFEST,
  removeOutdated,
  writeManifest,
} from "./corruption-manifest.ts";
import { type Corrupted, corruptionSheets } from "./corruption-sheets.ts";
import { frostTexturesOf, openCorruptor, texturesDigest } from "./open-corruptor.ts";

export async function writeCorrupted(
  inputs: readonly string[],
  flags: CorruptFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const conditions = selectCorruptions(flags.corruptions).flatMap(({ id }) =>
    (flags.severity as Severity[]).map((severity): CorruptedCondition => ({ corruption: id, severity })),
  );
  const frostTextures = await frostTexturesOf(flags);
  // labels are not needed, but tell which pictures are masks of others
  const images = await openImages(inputs, { except: flags.out });
  const { entries } = images;
  noteLeftOut(images, flags.out, terminal);
  await ensureFolder(flags.out);
  const planned = await plannedManifest(entries, conditions, flags, texturesDigest(frostTextures));
  const keeps = await filesToKeep(planned, flags, terminal);
  await using corruptor = openCorruptor(flags, frostTextures);
  const stems = planned.images.map(({ stem }) => stem);
  const sheets = corruptionSheets(conditions);
  const skipped = new Map<string, string>();
  let done = 0;
  const onProgress = () => terminal.progress("corrupting", ++done / (entries.length * conditions.length));
  const stream = streamInOrder(jobs(entries, { flags, conditions, stems, corruptor, keeps, signal }), {
    prefetch: corruptor.width + 1,
    signal,
    onSkip: (picture) => {
      if (!skipped.has(picture.source)) terminal.warn(`skipped ${skipReason(picture)}`);
      skipped.set(picture.source, skipReason(picture));
      onProgress();
    },
  });
  for await (const { position, shown } of usable(stream)) {
    if (shown !== undefined) await sheets.add(shown, sheetFile(flags.out, stems[position] as string));
    onProgress();
  }
  if (skipped.size === entries.length) throw noReadableImage(entries.length, [...skipped.values()][0]);
  const manifest: CorruptionManifest = {
    ...planned,
    images: planned.images.filter(({ source }) => !skipped.has(source)),
    skipped: [...skipped].map(([source, reason]) => ({ source, reason })),
    sheets: sheets.files.map((file) => basename(file)),
  };
  await writeManifest(flags.out, manifest);
  terminal.result(manifest, () => summary(manifest, conditions.length, flags.out));
  return skipped.size > 0 ? EXIT.someSkipped : EXIT.done;
}

/** The manifest of a run that has yet to make everything. */
async function plannedManifest(
  entries: readonly Source<ImageInput>[],
  conditions: readonly CorruptedCondition[],
  { seed, severity }: CorruptFlags,
  frostTextures: string | null,
): Promise<CorruptionManifest> {
  const stems = outputStems(entries.map(({ source }) => source));
  return {
    version: VERSION,
    seed,
    frostTextures,
    corruptions: [...new Set(conditions.map(({ corruption }) => corruption))],
    severities: severity,
    files: "<stem>__<corruption>__<severity>.png",
    images: await Promise.all(
      entries.map(async ({ source }, i) => ({
        source,
        stem: stems[i] as string,
        file: await namedVersion(source),
      })),
    ),
    skipped: [],
    sheets: [],
  };
}

/** Whether a file that is there stays. Those that do not are removed, before the manifest tells what the folder now holds. */
type Keeps = (stem: string, condition: CorruptedCondition) => boolean;

async function filesToKeep(
  planned: CorruptionManifest,
  { out, resume }: CorruptFlags,
  terminal: CommandContext["terminal"],
): Promise<Keeps> {
  const earlier = await earlierFiles(out, planned);
  const others = planned.images.length - earlier.stems.size;
  if (resume === true && !earlier.hasSameSettings)
    terminal.note(`--resume: nothing in ${out} was made with these settings; all is made anew.`);
  else if (resume === true && others > 0)
    terminal.note(
      `--resume: ${others} of ${planned.images.length} pictures are new or changed since the earlier run into ${out}; theirs are made anew.`,
    );
  await removeOutdated(out, planned, earlier);
  await writeManifest(out, planned);
  return (stem, condition) => resume === true && earlier.isCurrent(stem, condition);
}

/** Ends where nothing can be used: the stream counts conditions, and people count pictures. */
async function* usable<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (error) {
    if (!(error instanceof ImageError && error.code === "no-readable-image")) throw error;
  }
}

const sheetFile = (out: string, stem: string) => join(out, `sheet__${stem}`);

interface Job {
  readonly flags: CorruptFlags;
  readonly conditions: readonly CorruptedCondition[];
  /** Names of the pictures among the outputs. */
  readonly stems: readonly string[];
  readonly corruptor: Corruptor;
  readonly keeps: Keeps;
  readonly signal: AbortSignal;
}

interface Done {
  readonly position: number;
  /** The pictures, where a sheet shows them. */
  readonly shown?: Corrupted;
}

/** Picture by picture, so that each is decoded once and few are in memory. */
function* jobs(entries: readonly Source<ImageInput>[], job: Job): Generator<Source<Done>> {
  for (const [position, { source, read }] of entries.entries()) {
    let picture: Promise<Image> | undefined;
    const clean = () => (picture ??= read().then(requirePixels));
    for (const condition of job.conditions)
      yield { source, read: () => corruptedFile(clean, position, condition, job) };
  }
}

async function corruptedFile(
  clean: () => Promise<Image>,
  position: number,
  condition: CorruptedCondition,
  { flags, stems, corruptor, keeps, signal }: Job,
): Promise<Done> {
  const { corruption, severity } = condition;
  const stem = stems[position] as string;
  const file = join(flags.out, corruptedName(stem, condition));
  const isThere = keeps(stem, condition) && (await kindOfPath(file)) === "file";
  const isShown = position < flags.sheets;
  if (isThere && !isShown) return { position };
  const image = await clean();
  const order = { corruption, severity, seed: flags.seed };
  const [corrupted] = (await corruptor.corrupt([image], order, signal)) as [Image];
  if (!isThere) await writeFileAtomic(file, await encodePng(corrupted));
  return isShown ? { position, shown: { ...condition, clean: image, corrupted } } : { position };
}

function summary({ images, skipped, sheets }: CorruptionManifest, conditions: number, out: string): string {
  const pictures = `${images.length} picture${images.length === 1 ? "" : "s"}`;
  return [
    `${pictures} under ${conditions} condition${conditions === 1 ? "" : "s"} in ${out}, described in ${join(out, MANIFEST)}.`,
    ...(sheets.length === 0 ? [] : [`To look at: ${sheets.map((file) => join(out, file)).join(", ")}`]),
    ...(skipped.length === 0 ? [] : [`${skipped.length} could not be read.`]),
  ].join("\n");
}
