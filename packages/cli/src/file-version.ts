// Which version of a file a run worked with: what `--resume` must not mix with another.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
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

/** Null where there is no such file, as with a word like `folder` in the place of a path. */
export async function namedVersion(path: string | undefined): Promise<NamedVersion | null> {
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || !found?.isFile()) return null;
  return { path: resolve(path), size: found.size, modified: found.mtime.toISOString() };
}

/** Without the model's path: a file that was moved is still the same. */
export async function modelVersion(
  path: string,
  { labels }: Pick<ModelFlags, "labels"> = {},
): Promise<ModelVersion> {
  const found = await namedVersion(path);
  return {
    file: found && { size: found.size, modified: found.modified },
    labels: await namedVersion(labels),
  };
}
