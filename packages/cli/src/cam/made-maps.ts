// The maps of a run as they come, and those that an earlier run left: what the manifest lists and `--resume` keeps.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { camMethod, type Grid, NO_CLASS, upsamplings } from "snellen";
import { readNpy } from "snellen/node";
import { sinceEarlier } from "../file-version.ts";
import type { ShownMap } from "./cam-pictures.ts";
import { earlierMaps, type ManifestEntry, type ManifestImage, type ManifestSettings } from "./manifest.ts";

/** The manifest's entries by image, method and target. */
export class MadeMaps {
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

  /** Of one image, in the order of the methods, then of the targets. */
  ofImage(position: number): ManifestEntry[] {
    return this.#keys
      .map((key) => this.#entries.get(`${position} ${key}`)?.entry)
      .filter((entry) => entry !== undefined);
  }

  /** In the order of the images, then of the methods, then of the targets. */
  entries(): ManifestEntry[] {
    return [...this.#entries.values()].sort((a, c) => a.order - c.order).map(({ entry }) => entry);
  }

  /**
   * Takes over the maps of an earlier run whose files are still there, of images that are as they were.
   * @returns how many images it knew otherwise; undefined where it had other settings, so that all are made anew
   */
  async takeOver(
    images: readonly ManifestImage[],
    folder: string,
    settings: ManifestSettings,
  ): Promise<number | undefined> {
    const earlier = await earlierMaps(folder, settings);
    if (earlier === undefined) return undefined;
    const { isSame, changed } = sinceEarlier(earlier.images, images);
    const position = new Map(images.map((image, i) => [image.source, isSame(image) ? i : undefined]));
    for (const entry of earlier.maps) {
      const at = position.get(entry.image);
      if (at !== undefined && (await allExist(folder, entry))) this.add(at, entry);
    }
    return changed;
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

/** A map that was written before, as a sheet shows it. @throws ImageError of a file that cannot be read */
export async function writtenMap(folder: string, entry: ManifestEntry): Promise<ShownMap> {
  const { target, score, sum, conservationError, warnings, files, upsampling } = entry;
  return {
    map: await gridOf(join(folder, files.map)),
    cells: await gridOf(join(folder, files.cells)),
    unit: camMethod(entry.method).unit,
    score,
    sum,
    conservationError: conservationError ?? Number.POSITIVE_INFINITY,
    // maps of pixel methods, which are not upsampled, are in none of the registry's
    conservative: upsamplings.find(({ id }) => id === upsampling)?.conservative ?? true,
    target: target.asked,
    classIndex: target.index ?? NO_CLASS,
    className: target.name ?? undefined,
    warnings,
  };
}

async function gridOf(path: string): Promise<Grid> {
  const { shape, values } = await readNpy(path);
  return { values, dims: [shape[0] as number, shape[1] as number] };
}
