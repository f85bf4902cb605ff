// Runs the asked-for methods over a stream of images and writes pictures, maps and the manifest.
import { basename, join, relative } from "node:path";
import { SnellenError } from "@snellen/graph";
import {
  bindTargets,
  type CamMap,
  camMethod,
  checkTargets,
  type ImageInput,
  inBatches,
  type Picture,
  pictureOf,
  streamInOrder,
  type Target,
  VERSION,
} from "snellen";
import {
  encodePng,
  ensureFolder,
  type OpenedModel,
  readTargets,
  writeFileAtomic,
  writeNpy,
} from "snellen/node";
import type { CamFlags } from "../commands/cam.ts";
import { changedNote, imageVersions, type ModelVersion, modelVersion } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { batchOf, noteAssumptions, openImagesWithFlags } from "../open.ts";
import { idsOf } from "../options.ts";
import { outputStems, targetLabel, targetNames } from "../output-names.ts";
import { EXIT, type Terminal } from "../terminal.ts";
import { mergedNotes } from "./cam-notes.ts";
import { type Drawing, drawingOf, drawMap, headings, SheetWriter } from "./cam-pictures.ts";
import { type ExportReport, exportText } from "./export-file.ts";
import { MadeMaps, writtenMap } from "./made-maps.ts";
import { type ManifestEntry, type ManifestSettings, manifestEntry, writeManifest } from "./manifest.ts";

const DEFAULT_TARGET = ["top1"];

/** One image with its name among the outputs and its place in the manifest. */
interface Item {
  readonly position: number;
  readonly stem: string;
  readonly image: ImageInput;
}

/** Maps of what, and what was done before. */
export interface CamJob {
  readonly model: OpenedModel;
  /** The model's file. */
  readonly path: string;
  readonly inputs: readonly string[];
  /** What `--export` wrote. */
  readonly exported?: ExportReport;
}

export async function writeCams(
  { model, path, inputs, exported }: CamJob,
  flags: CamFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const methods = idsOf(flags.method).map((id) => camMethod(id).id);
  const drawing = drawingOf(flags);
  const settings = settingsOf(model, await modelVersion(path, flags), methods, flags);
  const { entries } = await openImagesWithFlags(model, inputs, flags, terminal);
  const target = await readTargets(model.info, flags.target ?? DEFAULT_TARGET);
  checkTargets(
    model.info,
    entries.map(({ source, label }) => ({ source, ...label })),
    target,
  );
  await ensureFolder(flags.out);
  noteAssumptions(model, entries, flags, terminal);

  const targets = bindTargets(model.info, target).map(({ name }) => name);
  const made = new MadeMaps(methods, targets);
  const stems = outputStems(entries.map((entry) => entry.source));
  const versions = await imageVersions(entries);
  const images = versions.map((version, i) => ({ ...version, stem: stems[i] as string }));
  const changed = flags.resume === true ? await made.takeOver(images, flags.out, settings) : 0;
  if (changed === undefined)
    terminal.note(`--resume: the maps in ${flags.out} were made with other settings; all are made anew.`);
  else if (changed > 0) terminal.note(changedNote(changed, entries.length, flags.out));
  const skipped: { source: string; reason: string }[] = [];
  // a sheet shows the images whose maps are there, too
  const wanted = entries.flatMap(({ source, read }, position) =>
    made.isWhole(position) && flags.sheet !== true
      ? []
      : [{ source, read: async () => ({ position, stem: stems[position] as string, image: await read() }) }],
  );
  const stream = streamInOrder<Item>(wanted, {
    signal,
    onSkip: ({ source, error }) => skipped.push({ source, reason: error.message }),
  });
  const sheet =
    flags.sheet === true
      ? new SheetWriter(flags.out, drawing, entries.length, headings(methods, targets))
      : undefined;
  const finish = (complete: boolean) => ({
    ...settings,
    complete,
    images,
    maps: made.entries(),
    skipped,
    sheets: sheet?.files ?? [],
  });
  let done = entries.length - wanted.length;
  try {
    for await (const items of inBatches(stream, batchOf(flags))) {
      const onProgress = (share: number) =>
        terminal.progress("heat maps", (done + share * items.length + skipped.length) / entries.length);
      await writeMaps(model, items, methods, { flags, target, drawing, made, sheet, signal, onProgress });
      onProgress(1);
      done += items.length;
    }
  } catch (error) {
    const hasMaps = made.entries().length > 0;
    // with maps of an earlier run, images that still cannot be read are no reason to fail
    if (!hasMaps || !isNothingReadable(error)) {
      // what went wrong first is what is told, even where the sheet cannot be written either
      await sheet?.flush().catch(() => undefined);
      if (hasMaps) await writeManifest(flags.out, finish(false));
      warn(made.entries(), skipped, terminal);
      throw error;
    }
  }
  await sheet?.flush();
  const manifest = finish(true);
  await writeManifest(flags.out, manifest);
  warn(manifest.maps, skipped, terminal);
  terminal.result(exported === undefined ? manifest : { ...manifest, export: exported }, () =>
    [
      ...(exported === undefined ? [] : [exportText(exported)]),
      summary(manifest.maps, settings.layer, flags.out, skipped.length),
    ].join("\n"),
  );
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

const isNothingReadable = (error: unknown): boolean =>
  error instanceof SnellenError && error.code === "no-readable-image";

function settingsOf(
  model: OpenedModel,
  version: ModelVersion,
  methods: readonly string[],
  flags: CamFlags,
): ManifestSettings {
  const { spec, origin } = model.info.preprocessing;
  // maps by the pixel need no layer, which some networks lack
  const layers = methods.every((id) => camMethod(id).kind === "pixels") ? [] : (flags.layer ?? ["auto"]);
  return {
    snellen: VERSION,
    model: model.name,
    version,
    scores: model.info.logits.value,
    layer: layers.length === 0 ? "none" : layers.map((name) => model.layer(name).value).join(", "),
    upsampling: flags.upsampling,
    sigma: flags.sigma,
    target: (flags.target ?? DEFAULT_TARGET).join(", "),
    smoothing: [...(flags.augSmooth ? ["augmentation"] : []), ...(flags.eigenSmooth ? ["eigen"] : [])],
    remainder: flags.remainder,
    head: flags.head,
    seed: flags.seed,
    picture: [
      flags.scale,
      flags.colorMap ?? "default colours",
      flags.opacity,
      flags.signed,
      flags.contour,
    ].join(" "),
    preprocessing: { ...spec, origin },
  };
}

interface Writing {
  readonly flags: CamFlags;
  /** What `--target` says, with mask files read. */
  readonly target: readonly Target[];
  readonly drawing: Drawing;
  readonly made: MadeMaps;
  readonly sheet: SheetWriter | undefined;
  readonly signal: AbortSignal;
  /** Called with the share of these images that is done. */
  readonly onProgress: (done: number) => void;
}

async function writeMaps(
  model: OpenedModel,
  items: readonly Item[],
  methods: readonly string[],
  { flags, target, drawing, made, sheet, signal, onProgress }: Writing,
): Promise<void> {
  const missing = items.filter(({ position }) => !made.isWhole(position));
  const images = missing.map((item) => item.image);
  const found =
    images.length === 0 ? [] : await model.cams(images, methods, { ...flags, target, signal, onProgress });
  const fresh = new Map(missing.map(({ position }, i) => [position, found[i] ?? []]));
  const names = targetNames(bindTargets(model.info, target).map(({ name }) => name));
  for (const { position, stem, image } of items) {
    const picture = pictureOf(model.info, image);
    const maps = fresh.get(position);
    for (const map of maps ?? []) {
      signal.throwIfAborted();
      const name = `${stem}__${map.method}${names.get(map.target) ?? ""}`;
      made.add(position, await writeMap(picture, map, join(flags.out, name), drawing));
    }
    const earlier = () => Promise.all(made.ofImage(position).map((entry) => writtenMap(flags.out, entry)));
    await sheet?.add(stem, picture, maps ?? (await earlier()));
  }
}

async function writeMap(
  picture: Picture,
  map: CamMap,
  path: string,
  drawing: Drawing,
): Promise<ManifestEntry> {
  const { image, caption, dark } = drawMap(picture, map, drawing);
  await writeFileAtomic(`${path}.png`, await encodePng(image));
  await writeNpy(`${path}.npy`, { shape: map.map.dims, values: map.map.values });
  await writeNpy(`${path}.cells.npy`, { shape: map.cells.dims, values: map.cells.values });
  const stem = basename(path);
  const files = { picture: `${stem}.png`, map: `${stem}.npy`, cells: `${stem}.cells.npy` };
  const warnings = dark === undefined || map.warnings.length > 0 ? map.warnings : [dark];
  return manifestEntry({ ...map, warnings }, caption, files);
}

/** A path as people would type it here. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith("..") ? path : near;
}

function warn(
  entries: readonly ManifestEntry[],
  skipped: readonly { source: string; reason: string }[],
  terminal: Terminal,
): void {
  for (const { reason } of skipped) terminal.warn(`skipped ${reason}`);
  for (const { image, method, warnings } of entries)
    for (const warning of warnings) terminal.warn(`${shown(image)}, ${method}: ${warning}`);
  for (const { method, note } of mergedNotes(entries)) terminal.note(`${method}: ${note}.`);
}

/** More lines than this nobody reads; the manifest has them all. */
const SHOWN = 20;

const labelOf = ({ asked, name, index }: ManifestEntry["target"]): string =>
  targetLabel(asked, name ?? `class ${index}`);

function summary(entries: readonly ManifestEntry[], layer: string, out: string, skipped: number): string {
  const lines = entries
    .slice(0, SHOWN)
    .map(
      ({ image, method, target, score, sum }) =>
        `${shown(image)}  ${method}  ${labelOf(target)}  score ${score.toFixed(3)}  sum ${sum.toFixed(3)}`,
    );
  const rest =
    entries.length > SHOWN ? [`… and ${entries.length - SHOWN} more in ${join(out, "manifest.json")}`] : [];
  const tail = skipped > 0 ? `, ${skipped} ${skipped === 1 ? "image" : "images"} skipped` : "";
  return [...lines, ...rest, `${entries.length} maps of layer ${layer} in ${out}${tail}`].join("\n");
}
