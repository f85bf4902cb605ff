// From flags to a loaded model and a list of images; shared by every command that runs a model on images.
import { UsageError } from "@snellen/graph";
import type { ModelFlags } from "./options.ts";

export async function openWithFlags(path: string, flags: ModelFlags) {
  const { openModel } = await import("snellen/node");
  return openModel(path, {
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
}

/** @throws UsageError `missing-flag` */
export function required<T>(value: T | undefined, flag: string, example: string): T {
  if (value !== undefined) return value;
  throw new UsageError("missing-flag", "is needed here.", {
    where: `--${flag}`,
    hint: `Write --${flag} ${example}.`,
  });
}
