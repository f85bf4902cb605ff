// Where a training's files go, settled before it begins: hours of work neither end in a folder that is not there, nor take the place of
// an earlier training's.
import { readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError } from "@snellen/graph";
import { ensureFolder, kindOfPath } from "snellen/node";
import type { TrainFlags } from "../commands/train.ts";
import { requireOtherFile } from "../other-file.ts";
import { epochsText } from "./training-text.ts";

/** What lies in `--out` beside the trained model. */
export const FILES = {
  checkpoint: "checkpoint.safetensors",
  metrics: "metrics.jsonl",
  curve: "curve.svg",
  report: "training.json",
} as const;

type OutputFlags = Pick<TrainFlags, "model" | "out" | "resume" | "overwrite">;

/** Where the trained model goes. @param path the model's file */
export const trainedFile = (path: string, { model, out }: Pick<OutputFlags, "model" | "out">): string =>
  model ?? join(out, basename(path));

/**
 * @param path the model's file
 * @throws UsageError `output-is-input`, `output-not-writable`, `earlier-training`
 */
export async function requireRoom(path: string, flags: OutputFlags): Promise<void> {
  const { model, out, resume, overwrite } = flags;
  await requireOtherFile(path, trainedFile(path, flags), model === undefined ? "out" : "model");
  if (model !== undefined) await requireWritable(model);
  if (resume !== true && overwrite !== true) await requireNoTraining(out);
}

async function requireWritable(model: string): Promise<void> {
  const refusal = (what: string, hint: string, cause?: unknown): UsageError =>
    new UsageError("output-not-writable", what, { where: `--model ${model}`, hint, cause });
  const folder = dirname(model);
  if ((await kindOfPath(model)) === "folder") throw refusal("is a folder.", "Give the name of a file in it.");
  if ((await kindOfPath(folder)) !== "folder")
    throw refusal("the folder does not exist.", "Make it, or give another --model.");
  await ensureFolder(folder).catch((error: unknown) => {
    throw error instanceof UsageError ? refusal(error.what, "Give another --model.", error) : error;
  });
}

async function requireNoTraining(out: string): Promise<void> {
  const kinds = await Promise.all(
    [FILES.checkpoint, FILES.report].map((name) => kindOfPath(join(out, name))),
  );
  if (!kinds.includes("file")) return;
  throw new UsageError("earlier-training", `holds a training${await ofEpochs(out)}.`, {
    where: out,
    hint: "--resume goes on with it, another --out begins anew beside it, --overwrite in its place.",
  });
}

/** Of the last line of its metrics, if they can be read. */
async function ofEpochs(out: string): Promise<string> {
  const text = await readFile(join(out, FILES.metrics), "utf8").catch(() => "");
  const [, epoch] = /"epoch":(\d+).*\n$/.exec(text) ?? [];
  return epoch === undefined ? "" : ` of ${epochsText(Number(epoch))}`;
}

/** So that a training that is broken off does not lie among files of another. */
export async function removeTraining(path: string, flags: OutputFlags): Promise<void> {
  const trained = flags.model === undefined ? [trainedFile(path, flags)] : [];
  const files = Object.values(FILES).map((name) => join(flags.out, name));
  for (const file of [...files, ...trained]) await rm(file, { force: true });
}
