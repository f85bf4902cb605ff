// Runs the asked-for methods over a stream of images and writes pictures, maps and the manifest.
import { extname, join } from "node:path";
import {
  type CamMap,
  camMethod,
  fitImage,
  type Image,
  type ImageInput,
  isPreprocessed,
  overlay,
} from "snellen";
import {
  encodePng,
  ensureFolder,
  type OpenedModel,
  openImages,
  writeFileAtomic,
  writeNpy,
} from "snellen/node";
import type { CamFlags } from "./commands/cam.ts";
import { EXIT, type Terminal } from "./terminal.ts";

/** One line of `manifest.json`. */
interface ManifestEntry {
  readonly image: string;
  readonly method: string;
  readonly upsampling: string;
  readonly layer: string;
  readonly target: { readonly index: number; readonly name: string | null };
  readonly score: number;
  readonly sum: number;
  readonly mapSum: number;
  readonly conservationError: number;
  readonly warnings: readonly string[];
  readonly files: { readonly picture: string | null; readonly map: string; readonly cells: string };
}

export async function writeCams(
  model: OpenedModel,
  inputs: readonly string[],
  flags: CamFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const methods = flags.method.split(",").map((id) => camMethod(id.trim()).id);
  const layer = model.layer(flags.layer);
  await ensureFolder(flags.out);
  const skipped: { source: string; reason: string }[] = [];
  const entries: ManifestEntry[] = [];
  const names = new UniqueNames();
  const set = await openImages(inputs, {
    labelFile: flags.imageLabels,
    labels: model.info.labels.names,
    classCount: model.info.logits.classes,
  });
  const stream = set.read({
    signal,
    onSkip: ({ source, error }) => skipped.push({ source, reason: error.message }),
  });
  let done = 0;
  for await (const images of batches(stream, flags.batch ?? 1)) {
    const stems = images.map((image) => names.of(image.source));
    for (const method of methods) {
      signal.throwIfAborted();
      const maps = await model.cam(images, {
        method,
        layer: flags.layer,
        target: flags.target,
        upsampling: flags.upsampling,
        sigma: flags.sigma,
        signal,
      });
      for (const [i, map] of maps.entries()) {
        entries.push(await writeCam(model, images[i] as ImageInput, map, `${stems[i]}__${method}`, flags));
      }
    }
    done += images.length;
    terminal.progress("heat maps", done / set.entries.length);
  }
  const manifest = {
    model: model.name,
    layer: layer.value,
    upsampling: flags.upsampling,
    maps: entries,
    skipped,
  };
  await writeFileAtomic(join(flags.out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const { source, reason } of skipped) terminal.warn(`skipped ${source}: ${reason}`);
  for (const entry of entries)
    for (const warning of entry.warnings) terminal.warn(`${entry.image}, ${entry.method}: ${warning}`);
  terminal.result(manifest, () => summary(entries, layer.value, flags.out, skipped.length));
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

async function writeCam(
  model: OpenedModel,
  image: ImageInput,
  map: CamMap,
  stem: string,
  flags: CamFlags,
): Promise<ManifestEntry> {
  const files = {
    picture: isPreprocessed(image) ? null : `${stem}.png`,
    map: `${stem}.npy`,
    cells: `${stem}.cells.npy`,
  };
  if (files.picture !== null) {
    const seen = fitImage(image as Image, model.info.preprocessing.spec);
    await writeFileAtomic(
      join(flags.out, files.picture),
      await encodePng(overlay(seen, map.map, flags.opacity)),
    );
  }
  await writeNpy(join(flags.out, files.map), { shape: map.map.dims, values: map.map.values });
  await writeNpy(join(flags.out, files.cells), { shape: map.cells.dims, values: map.cells.values });
  const { source, method, upsampling, layer, score, sum, mapSum, conservationError, warnings } = map;
  return {
    image: source,
    method,
    upsampling,
    layer,
    target: { index: map.classIndex, name: map.className ?? null },
    score,
    sum,
    mapSum,
    conservationError,
    warnings,
    files,
  };
}

/** File stems from image names; images of one name in several folders get a number. */
class UniqueNames {
  readonly #counts = new Map<string, number>();

  of(source: string): string {
    const base = source.slice(source.lastIndexOf("/") + 1);
    const stem = base.slice(0, base.length - extname(base).length).replace(/[^\w.#-]+/g, "_") || "image";
    const count = (this.#counts.get(stem) ?? 0) + 1;
    this.#counts.set(stem, count);
    return count === 1 ? stem : `${stem}~${count}`;
  }
}

async function* batches(images: AsyncIterable<ImageInput>, size: number): AsyncGenerator<ImageInput[]> {
  let part: ImageInput[] = [];
  for await (const image of images) {
    part.push(image);
    if (part.length === size) {
      yield part;
      part = [];
    }
  }
  if (part.length > 0) yield part;
}

function summary(entries: readonly ManifestEntry[], layer: string, out: string, skipped: number): string {
  const lines = entries.map(
    (e) =>
      `${e.image}  ${e.method}  ${e.target.name ?? `class ${e.target.index}`}  score ${e.score.toFixed(3)}  sum ${e.sum.toFixed(3)}`,
  );
  const tail = skipped > 0 ? `, ${skipped} images skipped` : "";
  return [...lines, `${entries.length} maps of layer ${layer} in ${out}${tail}`].join("\n");
}
