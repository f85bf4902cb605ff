// manifest.json of `snellen cam`: what was asked for, and every map with its numbers and files.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CamMap, NO_CLASS, type PreprocessSpec, type VERSION } from "snellen";
import { writeFileAtomic } from "snellen/node";
import type { ImageVersion, ModelVersion } from "../file-version.ts";

export const MANIFEST = "manifest.json";

/** One map; part of the command line's contract. */
export interface ManifestEntry {
  readonly image: string;
  readonly method: string;
  readonly upsampling: string;
  readonly layer: string;
  /** What was explained, and the class that it is about; null for values that are no class's. */
  readonly target: { readonly asked: string; readonly index: number | null; readonly name: string | null };
  readonly score: number;
  /** Sum of the cells. */
  readonly sum: number;
  /** |sum − score| / |score|; null where the score is zero and the sum is not. */
  readonly conservationError: number | null;
  /** Sum of the map, after rectification and upsampling. */
  readonly mapSum: number;
  /** |mapSum − score| / |score|; null where the score is zero and the sum is not. */
  readonly mapConservationError: number | null;
  /** score − sum before Extended-CAM spread it over the cells: what has no position. */
  readonly remainder: number;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  /** What full colour stands for in the picture. */
  readonly scale: string;
  /** In the manifest's folder. */
  readonly files: { readonly picture: string; readonly map: string; readonly cells: string };
}

/** What decides a map besides image and method; maps of equal settings need not be made again. */
export interface ManifestSettings {
  readonly snellen: typeof VERSION;
  readonly model: string;
  /** Version of its file, and of the file of its class names. */
  readonly version: ModelVersion;
  /** Value that holds the scores. */
  readonly scores: string;
  readonly layer: string;
  readonly upsampling: string;
  readonly sigma: string;
  /** As asked for, several between commas. */
  readonly target: string;
  readonly smoothing: readonly string[];
  readonly remainder: string;
  readonly head: string;
  readonly seed: number;
  /** Scale, colours, opacity, contours of the pictures. */
  readonly picture: string;
  readonly preprocessing: PreprocessSpec & { readonly origin: string };
}

/** A picture as it was, and what its files' names begin with. */
export interface ManifestImage extends ImageVersion {
  readonly stem: string;
}

export interface Manifest extends ManifestSettings {
  /** False after an interruption or an error: maps are missing. */
  readonly complete: boolean;
  /** All that were to be explained. */
  readonly images: readonly ManifestImage[];
  readonly maps: readonly ManifestEntry[];
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
  /** Contact sheets of this run, in the manifest's folder. */
  readonly sheets: readonly string[];
}

export function manifestEntry(map: CamMap, scale: string, files: ManifestEntry["files"]): ManifestEntry {
  const { source, method, upsampling, layer, score, sum, mapSum, remainder, warnings, notes } = map;
  return {
    image: source,
    method,
    upsampling,
    layer,
    target: {
      asked: map.target,
      index: map.classIndex === NO_CLASS ? null : map.classIndex,
      name: map.className ?? null,
    },
    score,
    sum,
    conservationError: finite(map.conservationError),
    mapSum,
    mapConservationError: finite(map.mapConservationError),
    remainder,
    warnings,
    notes,
    scale,
    files,
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);

/** What an earlier run with equal settings left in a folder; undefined where its settings were others. */
export async function earlierMaps(
  folder: string,
  settings: ManifestSettings,
): Promise<Pick<Manifest, "images" | "maps"> | undefined> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => undefined);
  if (text === undefined) return { images: [], maps: [] };
  const manifest = parsed(text);
  const keys = Object.keys(settings) as (keyof ManifestSettings)[];
  const isSame = keys.every((key) => JSON.stringify(manifest?.[key]) === JSON.stringify(settings[key]));
  return isSame ? { images: manifest?.images ?? [], maps: manifest?.maps ?? [] } : undefined;
}

function parsed(text: string): Partial<Manifest> | undefined {
  try {
    return JSON.parse(text) as Partial<Manifest>;
  } catch {
    return undefined;
  }
}
