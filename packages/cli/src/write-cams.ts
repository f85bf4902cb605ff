// Runs the asked-for methods over a stream of images and writes pictures, maps and the manifest.
import { access } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { SnellenError } from "@snellen/graph";
import {
  bindTargets,
  type CamMap,
  camMethod,
  checkTargets,
  type ImageInput,
  type Picture,
  pictureOf,
  streamInOrder,
  type Target,
} from "snellen";
import {
  encodePng,
  ensureFolder,
  type OpenedModel,
  readTargets,
  writeFileAtomic,
  writeNpy,
} from "snellen/node";
import { type Drawing, drawingOf, drawMap, headings, SheetWriter } from "./cam-pictures.ts";
import type { CamFlags } from "./commands/cam.ts";
import { type ExportReport, exportText } from "./export-file.ts";
import type { CommandContext } from "./main.ts";
import {
  earlierMaps,
  type ManifestEntry,
  type ManifestSettings,
  manifestEntry,
  writeManifest,
} from "./manifest.ts";
import { batchOf, noteAssumptions, openImagesWithFlags } from "./open.ts";
import { outputStems, targetLabel, targetNames } from "./output-names.ts";
import { EXIT, type Terminal } from "./terminal.ts";

const DEFAULT_TARGET = ["top1"];

/** One image with its name among the outputs and its place in the manifest. */
interface Item {
  readonly position: number;
  readonly stem: string;
  readonly image: ImageInput;
}

export async function writeCams(
  model: OpenedModel,
  inputs: readonly string[],
  flags: CamFlags,
  { terminal, signal }: CommandContext,
  exported?: ExportReport,
): Promise<number> {
  const methods = [...new Set(flags.method.split(",").map((id) => camMethod(id.trim()).id))];
  const drawing = drawingOf(flags);
  const settings = settingsOf(model, flags);
  const { entries } = await openImagesWithFlags(model, inputs, flags);
  const target = await readTargets(model.info, flags.target ?? DEFAULT_TARGET);
  checkTargets(
    model.info,
    entries.map(({ source, label }) => ({ source, ...label })),
    target,
  );
  await ensureFolder(flags.out);
  noteAssumptions(model, entries, flags, terminal);

  const targets = bindTargets(model.info, target).map(({ name }) => name);
  const made = new Made(methods, targets);
  if (flags.resume === true) await takeOver(made, entries, flags.out, settings, terminal);
  const skipped: { source: string; reason: string }[] = [];
  const stems = outputStems(entries.map((entry) => entry.source));
  const missing = entries.flatMap(({ source, read }, position) =>
    made.isWhole(position)
      ? []
      : [{ source, read: async () => ({ position, stem: stems[position] as string, image: await read() }) }],
  );
  const stream = streamInOrder<Item>(missing, {
    signal,
    onSkip: ({ source, error }) => skipped.push({ source, reason: error.message }),
  });
  const finish = (complete: boolean) => ({ ...settings, complete, maps: made.entries(), skipped });
  const sheet =
    flags.sheet === true
      ? new SheetWriter(flags.out, drawing, missing.length, headings(methods, targets))
      : undefined;
  let done = entries.length - missing.length;
  try {
    for await (const items of batches(stream, batchOf(flags))) {
      await writeMaps(model, items, methods, { flags, target, drawing, made, sheet, signal });
      done += items.length;
      terminal.progress("heat maps", (done + skipped.length) / entries.length);
    }
  } catch (error) {
    const hasMaps = made.entries().length > 0;
    // with maps of an earlier run, images that still cannot be read are no reason to fail
    if (!hasMaps || !isNothingReadable(error)) {
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

function settingsOf(model: OpenedModel, flags: CamFlags): ManifestSettings {
  const { spec, origin } = model.info.preprocessing;
  return {
    model: model.name,
    scores: model.info.logits.value,
    layer: (flags.layer ?? ["auto"]).map((name) => model.layer(name).value).join(", "),
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

/** The manifest's entries as they come, by image, method and target. */
class Made {
  /** One a map that an image gets, in the manifest's order. */
  readonly #keys: readonly string[];
  readonly #entries = new Map<string, { order: number; entry: ManifestEntry }>();

  constructor(methods: readonly string[], targets: readonly string[]) {
    this.#keys = methods.flatMap((method) => targets.map((target) => `${method} ${target}`));
  }

  add(position: number, entry: ManifestEntry): void {
    const key = `${entry.method} ${entry.target.asked}`;
    const order = position * this.#keys.length + this.#keys.indexOf(key);
    this.#entries.set(`${position} ${key}`, { order, entry });
  }

  isWhole(position: number): boolean {
    return this.#keys.every((key) => this.#entries.has(`${position} ${key}`));
  }

  /** In the order of the images, then of the methods, then of the targets. */
  entries(): ManifestEntry[] {
    return [...this.#entries.values()].sort((a, c) => a.order - c.order).map(({ entry }) => entry);
  }
}

/** Keeps the maps of an earlier run whose files are still there. */
async function takeOver(
  made: Made,
  images: readonly { readonly source: string }[],
  folder: string,
  settings: ManifestSettings,
  terminal: Terminal,
): Promise<void> {
  const earlier = await earlierMaps(folder, settings);
  if (earlier === undefined)
    terminal.note(`--resume: the maps in ${folder} were made with other settings; all are made anew.`);
  const position = new Map(images.map(({ source }, i) => [source, i]));
  for (const entry of earlier ?? []) {
    const at = position.get(entry.image);
    if (at !== undefined && (await allExist(folder, entry))) made.add(at, entry);
  }
}

async function allExist(folder: string, { files }: ManifestEntry): Promise<boolean> {
  const found = Object.values(files).map((file) =>
    access(join(folder, file)).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(found)).every((exists) => exists);
}

interface Writing {
  readonly flags: CamFlags;
  /** What `--target` says, with mask files read. */
  readonly target: readonly Target[];
  readonly drawing: Drawing;
  readonly made: Made;
  readonly sheet: SheetWriter | undefined;
  readonly signal: AbortSignal;
}

async function writeMaps(
  model: OpenedModel,
  items: readonly Item[],
  methods: readonly string[],
  { flags, target, drawing, made, sheet, signal }: Writing,
): Promise<void> {
  const images = items.map((item) => item.image);
  const found = await model.cams(images, methods, { ...flags, target, signal });
  const names = targetNames(bindTargets(model.info, target).map(({ name }) => name));
  for (const [i, { position, stem, image }] of items.entries()) {
    const picture = pictureOf(model.info, image);
    const maps = found[i] ?? [];
    for (const map of maps) {
      signal.throwIfAborted();
      const name = `${stem}__${map.method}${names.get(map.target) ?? ""}`;
      made.add(position, await writeMap(picture, map, join(flags.out, name), drawing));
    }
    await sheet?.add(stem, picture, maps);
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

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let part: T[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length === size) {
      yield part;
      part = [];
    }
  }
  if (part.length > 0) yield part;
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
  // the same of every image, as a rule: once a method
  const noted = new Map(entries.flatMap(({ method, notes }) => notes.map((note) => [method, note] as const)));
  for (const [method, note] of noted) terminal.note(`${method}: ${note}.`);
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
