// The networks and images of `snellen reproduce extended-cam`: the embedded ones, the user's, and photographs where a checkout
// has them beside it.
import { basename, join } from "node:path";
import {
  annotateOptotype,
  type Image,
  type ImageInput,
  isAnnotated,
  type MaskImage,
  type Source,
  type Trial,
} from "snellen";
import { type ImageList, type OpenedModel, openImages, openModel, readMask } from "snellen/node";
import type { ExtendedCamFlags } from "../commands/reproduce/extended-cam.ts";
import { EMBEDDED, PHOTOGRAPHS } from "../embedded.ts";
import { type ModelVersion, modelVersion, type NamedVersion, namedVersion } from "../file-version.ts";
import { noteAssumptions, openImagesWithFlags, openWithFlags, required } from "../open.ts";
import type { Terminal } from "../terminal.ts";
import { newOptotype } from "./made-optotypes.ts";

/** Flags with the number of images settled. */
export type LimitedFlags = ExtendedCamFlags & { readonly limit: number };

/** A trial, and the versions of the files that decide its scores. */
export interface OpenedTrial extends Trial {
  readonly model: OpenedModel;
  readonly version: ModelVersion;
  /** The file that annotates the images; null for newly made ones. */
  readonly annotations: NamedVersion | null;
}

export interface Trials {
  readonly all: readonly OpenedTrial[];
  /** Masks of newly made images lie in memory, the others in files. */
  readonly readMask: (file: string) => Promise<MaskImage>;
}

/**
 * Opens what the experiment runs on.
 * @param path the user's model, undefined for none
 * @param opened gets every model that is opened, for the caller to dispose of, whatever is thrown
 * @throws UsageError `missing-flag`, and what opening models and images throws
 */
export async function openTrials(
  path: string | undefined,
  flags: LimitedFlags,
  terminal: Terminal,
  opened: OpenedModel[],
): Promise<Trials> {
  const masks = new Map<string, MaskImage>();
  const open = async (opening: Promise<OpenedModel>): Promise<OpenedModel> => {
    const model = await opening;
    opened.push(model);
    return model;
  };
  const all: OpenedTrial[] = [];
  for (const file of EMBEDDED.models) {
    const embedded = join(EMBEDDED.folder, file);
    const version = await modelVersion(embedded);
    const model = await open(openModel(embedded));
    all.push({ ...trialOf(model, optotypeEntries(flags, masks)), version, annotations: null });
  }
  if (path !== undefined) {
    const version = await modelVersion(path, flags);
    const model = await open(openWithFlags(path, flags, terminal));
    const images = await openImagesWithFlags(
      model,
      required(flags.images, "images", "photos/"),
      flags,
      terminal,
    );
    noteAssumptions(model, images.entries, flags, terminal);
    all.push({ ...(await annotatedTrial(model, images, flags)), version });
  } else if (await hasPhotographs()) {
    const { model: file, images: folder, labels, preprocessing } = PHOTOGRAPHS;
    terminal.note(`photographs are added: ${basename(file)} on ${folder}.`);
    const version = await modelVersion(file, { labels });
    const model = await open(openModel(file, { ...preprocessing, labelsFile: labels }));
    const { names } = model.info.labels;
    const images = await openImages([folder], { labels: names, classCount: model.info.logits.classes });
    all.push({ ...(await annotatedTrial(model, images, flags)), version });
  }
  return { all, readMask: async (file) => masks.get(file) ?? (await readMask(file)) };
}

const trialOf = (model: OpenedModel, entries: readonly Source<ImageInput>[]) => ({
  name: model.name.replace(/\.onnx$/, ""),
  model,
  entries,
});

const annotatedTrial = async (
  model: OpenedModel,
  { entries, labelsFrom }: ImageList,
  { limit }: LimitedFlags,
) => ({
  ...trialOf(model, entries.filter(({ label }) => isAnnotated(label)).slice(0, limit)),
  annotations: await namedVersion(labelsFrom),
});

async function hasPhotographs(): Promise<boolean> {
  const { model, labels, images } = PHOTOGRAPHS;
  const found = [model, labels, join(images, "annotations.json")].map((path) => namedVersion(path));
  return (await Promise.all(found)).every((version) => version !== null);
}

/** Newly made letters; their masks are kept in memory under the names that the images give them. */
function optotypeEntries({ seed, limit }: LimitedFlags, masks: Map<string, MaskImage>): Source<Image>[] {
  return Array.from({ length: limit }, (_, index) => {
    const { source, sample } = newOptotype(seed, index);
    const read = async (): Promise<Image> => {
      const { classIndex, box } = annotateOptotype(sample, source, source);
      const { width, height } = sample.image;
      masks.set(source, { width, height, data: sample.mask });
      return { ...sample.image, source, classIndex, box, maskFile: source };
    };
    return { source, read };
  });
}
