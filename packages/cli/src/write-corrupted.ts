// Runs `snellen corrupt`: every picture under every corruption and severity, written as files, with contact sheets.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ImageError } from "@snellen/graph";
import {
  type Corruptor,
  type Image,
  type ImageInput,
  requirePixels,
  type Severity,
  type Source,
  selectCorruptions,
  skipReason,
  streamInOrder,
  VERSION,
} from "snellen";
import { encodePng, ensureFolder, kindOfPath, openImages, writeFileAtomic } from "snellen/node";
import type { CorruptFlags } from "./commands/corrupt.ts";
import { type Condition, type Corrupted, CorruptionSheets } from "./corruption-sheets.ts";
import type { CommandContext } from "./main.ts";
import { noReadableImage } from "./open.ts";
import { frostTexturesOf, openCorruptor } from "./open-corruptor.ts";
import { outputStems } from "./output-names.ts";
import { EXIT } from "./terminal.ts";

const MANIFEST = "corruptions.json";
/** What decides the pixels of every file. */
interface Settings {
  readonly version: string;
  readonly seed: number;
  readonly frostTextures: string | null;
}

/** `corruptions.json`. */
interface Manifest extends Settings {
  readonly corruptions: readonly string[];
  readonly severities: readonly number[];
  /** How each file is called: its picture's stem, then corruption and severity. */
  readonly files: "<stem>__<corruption>__<severity>.png";
  readonly images: readonly { readonly source: string; readonly stem: string }[];
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
  readonly sheets: readonly string[];
}

export async function writeCorrupted(
  inputs: readonly string[],
  flags: CorruptFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const conditions = selectCorruptions(flags.corruptions).flatMap(({ id }) =>
    (flags.severity as Severity[]).map((severity): Condition => ({ corruption: id, severity })),
  );
  const frostTextures = await frostTexturesOf(flags);
  const { entries } = await openImages(inputs, { labelsFrom: "none" });
  await ensureFolder(flags.out);
  const settings = { version: VERSION, seed: flags.seed, frostTextures: flags.frostTextures ?? null };
  const keeps = flags.resume === true && (await hasSettings(flags.out, settings));
  if (flags.resume === true && !keeps)
    terminal.note(`--resume: nothing in ${flags.out} was made with these settings; all is made anew.`);
  await writeFileAtomic(join(flags.out, MANIFEST), `${JSON.stringify(settings)}\n`);
  await using corruptor = openCorruptor(flags, frostTextures);
  const stems = outputStems(entries.map(({ source }) => source));
  const sheets = new CorruptionSheets(conditions);
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
  const manifest: Manifest = {
    ...settings,
    corruptions: [...new Set(conditions.map(({ corruption }) => corruption))],
    severities: flags.severity,
    files: "<stem>__<corruption>__<severity>.png",
    images: entries.flatMap(({ source }, i) =>
      skipped.has(source) ? [] : [{ source, stem: stems[i] as string }],
    ),
    skipped: [...skipped].map(([source, reason]) => ({ source, reason })),
    sheets: sheets.files.map((file) => basename(file)),
  };
  await writeFileAtomic(join(flags.out, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
  terminal.result(manifest, () => summary(manifest, conditions.length, flags.out));
  return skipped.size > 0 ? EXIT.someSkipped : EXIT.done;
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
  readonly conditions: readonly Condition[];
  /** Names of the pictures among the outputs. */
  readonly stems: readonly string[];
  readonly corruptor: Corruptor;
  /** Whether files that are there were made with the same settings. */
  readonly keeps: boolean;
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
  condition: Condition,
  { flags, stems, corruptor, keeps, signal }: Job,
): Promise<Done> {
  const { corruption, severity } = condition;
  const file = join(flags.out, `${stems[position]}__${corruption}__${severity}.png`);
  const isThere = keeps && (await kindOfPath(file)) === "file";
  const isShown = position < flags.sheets;
  if (isThere && !isShown) return { position };
  const image = await clean();
  const order = { corruption, severity, seed: flags.seed };
  const [corrupted] = (await corruptor.corrupt([image], order, signal)) as [Image];
  if (!isThere) await writeFileAtomic(file, await encodePng(corrupted));
  return isShown ? { position, shown: { ...condition, clean: image, corrupted } } : { position };
}

/** Whether an earlier run into the folder had the same settings. */
async function hasSettings(folder: string, settings: Settings): Promise<boolean> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => "{}");
  try {
    const { version, seed, frostTextures } = JSON.parse(text) as Partial<Settings>;
    return JSON.stringify({ version, seed, frostTextures }) === JSON.stringify(settings);
  } catch {
    return false;
  }
}

function summary({ images, skipped, sheets }: Manifest, conditions: number, out: string): string {
  const pictures = `${images.length} picture${images.length === 1 ? "" : "s"}`;
  return [
    `${pictures} under ${conditions} conditions in ${out}, described in ${join(out, MANIFEST)}.`,
    ...(sheets.length === 0 ? [] : [`To look at: ${sheets.map((file) => join(out, file)).join(", ")}`]),
    ...(skipped.length === 0 ? [] : [`${skipped.length} could not be read.`]),
  ].join("\n");
}
