// The networks and images of `snellen reproduce dead-pixels`: the embedded ones on newly made letters, the user's own, and those
// that a file lists.
import { join } from "node:path";
import { type DeadPixelTrial, evenly } from "snellen";
import { type OpenedModel, openModel } from "snellen/node";
import type { DeadPixelsFlags } from "../commands/reproduce/dead-pixels.ts";
import { EMBEDDED } from "../embedded.ts";
import { type ModelVersion, modelVersion, type NamedVersion, namedVersion } from "../file-version.ts";
import { noteAssumptions, openImagesWithFlags, openWithFlags } from "../open.ts";
import type { ImageFlags, ModelFlags } from "../options.ts";
import { outputStems } from "../output-names.ts";
import type { Terminal } from "../terminal.ts";
import { optotypeEntries } from "./made-optotypes.ts";
import { namedAndListed } from "./named-networks.ts";

/** A trial, and the versions of the files that decide its numbers. */
export interface OpenedDeadPixelTrial extends DeadPixelTrial {
  readonly model: OpenedModel;
  readonly version: ModelVersion;
  /** The file that the images' classes are from; null for newly made ones. */
  readonly labels: NamedVersion | null;
}

/**
 * Opens what the experiment runs on.
 * @param paths the user's models
 * @param opened gets every model that is opened, for the caller to dispose of, whatever is thrown
 * @throws UsageError `missing-flag`, `bad-networks`, and what opening models and images throws
 */
export async function openDeadPixelTrials(
  paths: readonly string[],
  flags: DeadPixelsFlags,
  terminal: Terminal,
  opened: OpenedModel[],
): Promise<readonly OpenedDeadPixelTrial[]> {
  const wanted = await namedAndListed(paths, flags);
  const all: Omit<OpenedDeadPixelTrial, "name">[] = [];
  for (const file of EMBEDDED.models) {
    const path = join(EMBEDDED.folder, file);
    const model = await openModel(path, { threads: flags.threads });
    opened.push(model);
    const trial = { model, dataset: "optotypes", entries: optotypeEntries(flags.seed, flags.limit) };
    all.push({ ...trial, version: await modelVersion(path), labels: null, readExternal: model.readExternal });
  }
  for (const { path, inputs, flags: own, dataset } of wanted)
    all.push({ ...(await openTrial(path, inputs, own, flags.limit, terminal, opened)), dataset });
  const names = outputStems(all.map(({ model }) => model.name));
  return all.map((trial, i) => ({ ...trial, name: names[i] as string }));
}

async function openTrial(
  path: string,
  inputs: readonly string[],
  flags: ModelFlags & ImageFlags,
  limit: number,
  terminal: Terminal,
  opened: OpenedModel[],
) {
  const version = await modelVersion(path, flags);
  const model = await openWithFlags(path, flags, terminal);
  opened.push(model);
  const images = await openImagesWithFlags(model, inputs, flags, terminal);
  noteAssumptions(model, images.entries, flags, terminal);
  const labels = await namedVersion(images.labelsFrom);
  return {
    model,
    entries: evenly(images.entries, limit),
    version,
    labels,
    readExternal: model.readExternal,
  };
}
