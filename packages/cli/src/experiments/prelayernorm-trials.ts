// The networks and images of `snellen reproduce prelayernorm`: the embedded ones on newly made letters, the user's own, and those that
// a file lists.
import { join } from "node:path";
import { type Model, UsageError } from "@snellen/graph";
import { evenly, type PreLayerNormTrial } from "snellen";
import { type OpenedModel, openModelGraph, openModelOf } from "snellen/node";
import type { PreLayerNormExperimentFlags } from "../commands/reproduce/prelayernorm.ts";
import { EMBEDDED } from "../embedded.ts";
import { type ModelVersion, modelVersion, type NamedVersion, namedVersion } from "../file-version.ts";
import { noteAssumptions, openFileWithFlags, openImagesWithFlags } from "../open.ts";
import type { ImageFlags, ModelFlags } from "../options.ts";
import { outputStems } from "../output-names.ts";
import { saidBefore, type Terminal } from "../terminal.ts";
import { optotypeEntries } from "./made-optotypes.ts";
import { namedAndListed } from "./named-networks.ts";

/** A trial, and the versions of the files that decide its numbers. */
export interface OpenedPreLayerNormTrial extends PreLayerNormTrial {
  readonly model: OpenedModel;
  readonly version: ModelVersion;
  /** The file that the images' classes are from; null for newly made ones. */
  readonly labels: NamedVersion | null;
}

type Nameless = Omit<OpenedPreLayerNormTrial, "name">;

/** Images that PreLayerNorm is calibrated on, and their largest share of those given. */
const CALIBRATION = { most: 64, share: 0.25 };

/**
 * Opens what the experiment runs on.
 * @param paths the user's models
 * @param n images a data set
 * @param opened gets every model that is opened, then or later, for the caller to dispose of, whatever is thrown
 * @throws UsageError `missing-flag`, `bad-networks`, `too-few-images`, and what opening models and images throws
 */
export async function openPreLayerNormTrials(
  paths: readonly string[],
  flags: PreLayerNormExperimentFlags,
  n: number,
  terminal: Terminal,
  opened: OpenedModel[],
): Promise<readonly OpenedPreLayerNormTrial[]> {
  const wanted = await namedAndListed(paths, flags);
  const all: Nameless[] = [];
  const letters = {
    dataset: "optotypes",
    entries: optotypeEntries(flags.seed, n),
    calibration: optotypeEntries(flags.seed, CALIBRATION.most, n),
    labels: null,
  };
  for (const file of EMBEDDED.models)
    all.push({ ...letters, ...(await openEmbedded(join(EMBEDDED.folder, file), flags, opened)) });
  for (const { path, inputs, flags: own, dataset } of wanted)
    all.push({ ...(await openTrial(path, inputs, own, n, terminal, opened)), dataset });
  const names = outputStems(all.map(({ model }) => model.name));
  return all.map((trial, i) => ({ ...trial, name: names[i] as string }));
}

async function openEmbedded(
  path: string,
  { threads }: PreLayerNormExperimentFlags,
  opened: OpenedModel[],
): Promise<Pick<Nameless, "model" | "open" | "version">> {
  const file = await openModelGraph(path);
  const open = (model: Model) => keeping(opened, openModelOf({ ...file, model }, { threads }));
  return { model: await open(file.model), open, version: await modelVersion(path) };
}

async function openTrial(
  path: string,
  inputs: readonly string[],
  flags: ModelFlags & ImageFlags,
  n: number,
  terminal: Terminal,
  opened: OpenedModel[],
): Promise<Omit<Nameless, "dataset">> {
  const version = await modelVersion(path, flags);
  const file = await openModelGraph(path);
  const model = await keeping(opened, openFileWithFlags(file, flags, terminal));
  const images = await openImagesWithFlags(model, inputs, flags, terminal);
  noteAssumptions(model, images.entries, flags, terminal);
  const again = saidBefore(terminal);
  return {
    model,
    ...parted(images.entries, n, inputs),
    open: (changed) => keeping(opened, openFileWithFlags({ ...file, model: changed }, flags, again)),
    version,
    labels: await namedVersion(images.labelsFrom),
  };
}

async function keeping(opened: OpenedModel[], model: Promise<OpenedModel>): Promise<OpenedModel> {
  opened.push(await model);
  return await model;
}

/** Images to measure on and others to calibrate on, both evenly over those given. @throws UsageError `too-few-images` */
function parted<T>(
  entries: readonly T[],
  n: number,
  inputs: readonly string[],
): { readonly entries: readonly T[]; readonly calibration: readonly T[] } {
  const most = Math.floor(CALIBRATION.share * entries.length);
  const calibration = evenly(entries, Math.min(CALIBRATION.most, most));
  if (calibration.length === 0)
    throw new UsageError("too-few-images", `${entries.length} images, of which some are for calibration.`, {
      where: inputs.join(" "),
      hint: "Give four at least, better some hundreds.",
    });
  const own = new Set(calibration);
  return {
    entries: evenly(
      entries.filter((entry) => !own.has(entry)),
      n,
    ),
    calibration,
  };
}
