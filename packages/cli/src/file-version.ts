// Which version of a file a run worked with: what `--resume` must not mix with another.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type ImageLabel, maskFilesOf } from "snellen";
import type { ModelFlags } from "./options.ts";

/** Size and time of a file; another file is hardly ever equal in both. */
export interface FileVersion {
  readonly size: number;
  /** When it was last written, ISO 8601. */
  readonly modified: string;
}

export interface NamedVersion extends FileVersion {
  readonly path: string;
}

/** The model's file, which runs know by its name, and the file of its class names. */
export interface ModelVersion {
  readonly file: FileVersion | null;
  readonly labels: NamedVersion | null;
}

/** What decides a picture and what is known of it. */
export interface ImageVersion {
  readonly source: string;
  /** Null where it is no file but made. */
  readonly file: FileVersion | null;
  readonly label: ImageLabel;
  /** Of the files that its label names. */
  readonly masks: readonly (NamedVersion | null)[];
}

/** Null where there is no such file, as with a word like `folder` in the place of a path. */
export async function namedVersion(path: string | undefined): Promise<NamedVersion | null> {
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || !found?.isFile()) return null;
  return { path: resolve(path), size: found.size, modified: found.mtime.toISOString() };
}

const fileVersion = (found: NamedVersion | null): FileVersion | null =>
  found && { size: found.size, modified: found.modified };

/** Without the model's path: a file that was moved is still the same. */
export async function modelVersion(
  path: string,
  { labels }: Pick<ModelFlags, "labels"> = {},
): Promise<ModelVersion> {
  return { file: fileVersion(await namedVersion(path)), labels: await namedVersion(labels) };
}

/** Slots of a batch are of its file. */
const SLOT = /(?<=\.npy)\[\d+\]$/i;

interface Labelled {
  readonly source: string;
  readonly label?: ImageLabel;
}

export const imageVersions = (images: readonly Labelled[]): Promise<ImageVersion[]> =>
  Promise.all(
    images.map(async ({ source, label = {} }) => ({
      source,
      file: fileVersion(await namedVersion(source.replace(SLOT, ""))),
      label,
      masks: await Promise.all([...new Set(maskFilesOf(label))].map(namedVersion)),
    })),
  );

/** Which images are as an earlier run knew them, and how many of those that it knew are not. */
export function sinceEarlier<T extends ImageVersion>(earlier: readonly T[], now: readonly T[]) {
  const known = new Map(earlier.map((image) => [image.source, JSON.stringify(image)]));
  const isSame = (image: T): boolean => known.get(image.source) === JSON.stringify(image);
  return { isSame, changed: now.filter((image) => known.has(image.source) && !isSame(image)).length };
}

export const changedNote = (changed: number, all: number, out: string): string =>
  `--resume: ${changed} of ${all} pictures changed since the earlier run into ${out}; theirs are made anew.`;
