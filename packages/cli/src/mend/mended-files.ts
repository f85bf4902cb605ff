// Where `snellen fix` writes, listed before the work starts: no result may take the place of another, nor of what is read.
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { externalTensors, type Model, type ReadRange, UsageError } from "@snellen/graph";
import { imageDims, type MendedModel } from "snellen";
import { openModelFile, writeFileAtomic, writeModelFile, writeSafetensors } from "snellen/node";
import type { ModelFlags } from "../options.ts";

/** Paths of the results. */
export interface MendedFiles {
  readonly model: string;
  /** Of a model too large for one file. */
  readonly data: string;
  readonly report: string;
  readonly snippet?: string;
  readonly safetensors?: string;
}

/** What each of them is called in messages. */
const TITLES: { readonly [K in keyof Required<MendedFiles>]: string } = {
  model: "the mended model",
  data: "the mended model's weights",
  report: "the report",
  snippet: "the PyTorch code",
  safetensors: "the safetensors file",
};

/** @param out where the mended model goes; its companions lie beside it */
export function mendedFiles(
  out: string,
  flags: { readonly snippet?: string; readonly safetensors?: string },
): MendedFiles {
  const stem = extname(out) === ".onnx" ? out.slice(0, -".onnx".length) : out;
  return {
    model: out,
    data: `${out}.data`,
    report: `${stem}.json`,
    ...(flags.snippet !== undefined && { snippet: `${stem}.py` }),
    ...(flags.safetensors !== undefined && { safetensors: flags.safetensors }),
  };
}

/**
 * @param source path of the model that is mended
 * @throws UsageError `output-not-writable`; `output-is-input` where a result would overwrite the model or a file with its weights, `same-output`
 *   where two results have one path, links followed; what opening the model throws
 */
export async function requireSeparateFiles(source: string, files: MendedFiles): Promise<void> {
  const targets = await Promise.all(
    Object.entries(files).map(async ([kind, path]: [string, string]) => ({
      title: TITLES[kind as keyof MendedFiles],
      path,
      ...(await identityOf(path)),
    })),
  );
  for (const { path } of targets) await requireFolder(path);
  // what is not there yet is no file of the model
  const sources = targets.some(({ isThere }) => isThere) ? await filesOf(source) : new Map<string, string>();
  const earlier = new Map<string, string>();
  for (const { title, path, identity } of targets) {
    const [read, written] = [sources.get(identity), earlier.get(identity)];
    earlier.set(identity, title);
    if (read === undefined && written === undefined) continue;
    throw new UsageError(
      read === undefined ? "same-output" : "output-is-input",
      `${title} would overwrite ${read ?? written}.`,
      { where: path, hint: "Give another name." },
    );
  }
}

/** Sizes of the dimensions that the model leaves open, as far as flags give them. */
export const openDims = (model: Model, flags: ModelFlags): Readonly<Record<string, number>> => ({
  ...(flags.size === undefined ? {} : imageDims(model, flags.size, flags.input)),
  ...flags.dim,
});

/**
 * Writes the mended model with what goes beside it, the report last; nothing where there was nothing to mend.
 * @param reportOf the report, given the paths of what is written: the model's, then the report's, then the others
 */
export async function writeMended<Report>(
  targets: MendedFiles,
  mended: MendedModel | undefined,
  readExternal: ReadRange,
  reportOf: (files: readonly string[]) => Report,
): Promise<Report> {
  if (mended === undefined) return reportOf([]);
  const { model, snippet } = mended;
  const [path = targets.model, ...data] = await writeModelFile(targets.model, model, { readExternal });
  const files = [path, targets.report, ...data];
  if (targets.snippet !== undefined) {
    files.push(targets.snippet);
    await writeFileAtomic(targets.snippet, snippet(basename(path)));
  }
  if (targets.safetensors !== undefined) {
    files.push(targets.safetensors);
    await writeSafetensors(targets.safetensors, model.graph.initializers, readExternal);
  }
  const report = reportOf(files);
  await writeFileAtomic(targets.report, `${JSON.stringify(report, null, 1)}\n`);
  return report;
}

/** Identities of the model's file and of those that hold its weights, however small: what each of them is. */
async function filesOf(source: string): Promise<Map<string, string>> {
  const { model, folder } = await openModelFile(source);
  const locations = new Set(externalTensors(model).map(({ tensor }) => tensor.data.location));
  // behind a link, as in Hugging Face's cache, weights may lie beside the link
  const data = [...locations].flatMap((at) => [join(folder, at), join(dirname(source), at)]);
  const found = await Promise.all([source, ...data].map(identityOf));
  return new Map(
    found.map(({ identity }, i) => [identity, i === 0 ? "the model itself" : "the model's weights"]),
  );
}

/** A long measurement should not end in a folder that is not there. @throws UsageError `output-not-writable` */
async function requireFolder(path: string): Promise<void> {
  const found = await stat(dirname(path)).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new UsageError("output-not-writable", "the folder does not exist.", {
    where: path,
    hint: "Make it, or give another --out.",
  });
}

/** Equal for two ways to one file; of a file that is not there yet, by its folder and name, in either case of its letters. */
async function identityOf(path: string): Promise<{ identity: string; isThere: boolean }> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found !== undefined) return { identity: `${found.dev}:${found.ino}`, isThere: true };
  const folder = dirname(resolve(path));
  const name = basename(path).normalize("NFC").toLowerCase();
  return { identity: join(await realpath(folder).catch(() => folder), name), isThere: false };
}
