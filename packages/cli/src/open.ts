// From flags to a loaded model and a list of images; shared by every command that runs a model on images.
import { UsageError } from "@snellen/graph";
import { type ImageList, type OpenedModel, openImages, openModelGraph, openModelOf } from "snellen/node";
import { DEFAULT_BATCH, type ImageFlags, type ModelFlags } from "./options.ts";
import type { Terminal } from "./terminal.ts";

export async function openWithFlags(
  path: string,
  flags: ModelFlags,
  terminal: Terminal,
): Promise<OpenedModel> {
  return await openFileWithFlags(await openModelGraph(path), flags, terminal);
}

/** The same of a model file in memory, whose graph may have been changed. */
export async function openFileWithFlags(
  file: Awaited<ReturnType<typeof openModelGraph>>,
  flags: ModelFlags,
  terminal: Terminal,
): Promise<OpenedModel> {
  const model = await openModelOf(file, {
    input: flags.input,
    output: flags.output,
    size: flags.size,
    dims: flags.dim,
    labelsFile: flags.labels,
    preset: flags.preset as never,
    mean: flags.mean,
    std: flags.std,
    range: flags.range as never,
    channels: flags.channels as never,
    resize: flags.resize as never,
    interpolation: flags.interpolation as never,
    threads: flags.threads,
    device: flags.device as never,
  });
  const [height, width] = model.info.input.size;
  const [h, w] = flags.size ?? [height, width];
  if (h !== height || w !== width)
    terminal.warn(`--size ${h}x${w} was not used: the model takes ${height}x${width} only.`);
  return model;
}

/** Images and the labels that the model knows them by, without what an earlier run wrote. */
export async function openImagesWithFlags(
  model: OpenedModel,
  inputs: readonly string[],
  { imageLabels, out }: ImageFlags & { readonly out?: string },
  terminal: Terminal,
): Promise<ImageList> {
  const images = await openImages(inputs, {
    labelFile: imageLabels,
    labels: model.info.labels.names,
    classCount: model.info.logits.classes,
    except: out,
  });
  noteLeftOut(images, out, terminal);
  return images;
}

/** Says how much of an earlier run's a search came upon. */
export function noteLeftOut({ leftOut }: ImageList, out: string | undefined, terminal: Terminal): void {
  if (leftOut === 0) return;
  const [what, are] = leftOut === 1 ? ["picture", "is"] : ["pictures", "are"];
  terminal.note(`${leftOut} ${what} in ${out} itself ${are} left out.`);
}

/** What people should know before they believe a map: preprocessing that was guessed, a batch that cannot be had. */
export function noteAssumptions(
  { info }: OpenedModel,
  images: readonly { readonly source: string }[],
  flags: ImageFlags,
  terminal: Terminal,
): void {
  if (images.some(({ source }) => !TENSOR.test(source))) notePreprocessing(info, terminal);
  const { fixed, refusal } = info.batch;
  if (fixed !== undefined && flags.batch !== undefined && flags.batch !== fixed)
    terminal.note(`--batch ${flags.batch} was not used: the model takes ${fixed} at a time (${refusal}).`);
}

/** Says so where preprocessing was guessed. */
export function notePreprocessing(
  { preprocessing: { origin, isAssumed } }: OpenedModel["info"],
  terminal: Terminal,
): void {
  if (isAssumed) terminal.note(`preprocessing: ${origin}.`);
}

/** Slots of .npy batches are preprocessed already. */
const TENSOR = /\.npy(\[\d+\])?$/i;

export const batchOf = (flags: ImageFlags): number => flags.batch ?? DEFAULT_BATCH;

/** @throws UsageError `missing-flag` */
export function required<T>(value: T | undefined, flag: string, example: string): T {
  if (value !== undefined) return value;
  throw new UsageError("missing-flag", "is needed here.", {
    where: `--${flag}`,
    hint: `Write --${flag} ${example}.`,
  });
}
