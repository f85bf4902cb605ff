// corruptions.json of `snellen corrupt`: what its folder holds, and which files another run into the folder need not make again.
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CorruptedCondition } from "snellen";
import { writeFileAtomic } from "snellen/node";
import type { NamedVersion } from "../file-version.ts";

export const MANIFEST = "corruptions.json";

/** What decides the pixels of every file besides its picture. */
export interface CorruptionSettings {
  readonly version: string;
  readonly seed: number;
  /** SHA-256 of the photographs of frost; null where crystals are drawn. */
  readonly frostTextures: string | null;
}

export interface ManifestImage {
  readonly source: string;
  readonly stem: string;
  /** Version of the picture's file; null where the picture is no file of its own. */
  readonly file: NamedVersion | null;
}

/**
 * Part of the command line's contract. Every file in the folder that is named after a picture, a corruption and a severity of
 * the manifest was made of that version of the picture with the manifest's settings; not all need to be there.
 */
export interface CorruptionManifest extends CorruptionSettings {
  readonly corruptions: readonly string[];
  readonly severities: readonly number[];
  /** How each file is called: its picture's stem, then corruption and severity. */
  readonly files: "<stem>__<corruption>__<severity>.png";
  readonly images: readonly ManifestImage[];
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
  readonly sheets: readonly string[];
}

export const corruptedName = (stem: string, { corruption, severity }: CorruptedCondition): string =>
  `${stem}__${corruption}__${severity}.png`;

export const writeManifest = (folder: string, manifest: CorruptionManifest): Promise<void> =>
  writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);

/** What an earlier run left for the next. */
export interface EarlierFiles {
  readonly hasSameSettings: boolean;
  /** Stems whose picture is the one that the earlier run knew. */
  readonly stems: ReadonlySet<string>;
  /** Whether the file of that name, where it is there, is what this run would make. */
  isCurrent(stem: string, condition: CorruptedCondition): boolean;
}

/** Compares the manifest of an earlier run into the folder, where there is one, with the one of this run. */
export async function earlierFiles(folder: string, wanted: CorruptionManifest): Promise<EarlierFiles> {
  const earlier = await readManifest(folder);
  const hasSameSettings =
    earlier !== undefined && JSON.stringify(settingsOf(earlier)) === JSON.stringify(settingsOf(wanted));
  const known = new Map(hasSameSettings ? earlier.images.map(({ stem, file }) => [stem, file]) : []);
  const stems = new Set(
    wanted.images
      .filter(({ stem, file }) => file !== null && JSON.stringify(known.get(stem)) === JSON.stringify(file))
      .map(({ stem }) => stem),
  );
  return {
    hasSameSettings,
    stems,
    isCurrent: (stem, { corruption, severity }) =>
      stems.has(stem) &&
      earlier?.corruptions.includes(corruption) === true &&
      earlier.severities.includes(severity),
  };
}

const settingsOf = ({ version, seed, frostTextures }: CorruptionSettings): CorruptionSettings => ({
  version,
  seed,
  frostTextures,
});

/** Undefined also for what an earlier version or somebody else wrote. */
async function readManifest(folder: string): Promise<CorruptionManifest | undefined> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => "null");
  try {
    const found = JSON.parse(text) as Partial<CorruptionManifest> | null;
    const lists = [found?.images, found?.corruptions, found?.severities];
    return lists.every(Array.isArray) ? (found as CorruptionManifest) : undefined;
  } catch {
    return undefined;
  }
}

const CORRUPTED_NAME = /^(.+)__(.+)__(\d)\.png$/;

/** Removes the files that this run makes anew, so that the manifest holds for those that are there from its start on. */
export async function removeOutdated(
  folder: string,
  { images, corruptions, severities }: CorruptionManifest,
  { isCurrent }: EarlierFiles,
): Promise<void> {
  const made = new Set(images.map(({ stem }) => stem));
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const [, stem = "", corruption = "", digit] = CORRUPTED_NAME.exec(entry.name) ?? [];
    const condition = { corruption, severity: Number(digit) } as CorruptedCondition;
    const isMade =
      made.has(stem) && corruptions.includes(corruption) && severities.includes(condition.severity);
    if (isMade && !isCurrent(stem, condition)) await rm(join(folder, entry.name));
  }
}
