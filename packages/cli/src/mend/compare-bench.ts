// What a model and its mended version are compared on: the pictures that flags name, or seeded noise.
import {
  type Bench,
  evenly,
  MOST_COMPARED,
  noiseBench,
  pictureBench,
  readPictures,
  type SkippedPicture,
} from "snellen";
import { createNodeRuntime, type OpenedModel, type openModelGraph } from "snellen/node";
import type { CommandContext } from "../main.ts";
import { noteAssumptions, openImagesWithFlags, openWithFlags } from "../open.ts";
import type { ModelFlags } from "../options.ts";

interface Original {
  readonly path: string;
  readonly file: Awaited<ReturnType<typeof openModelGraph>>;
  /** Sizes of open dimensions. */
  readonly dims: Readonly<Record<string, number>>;
}

interface Found {
  /** Pictures that were to be run and could not be read. */
  readonly skipped: readonly SkippedPicture[];
  /** What people should know of what was compared on. */
  readonly notes: readonly string[];
}

/** Opens nothing before it is asked to. */
export interface CompareBench extends AsyncDisposable {
  /** @throws ImageError `no-readable-image`; what opening models and pictures throws */
  readonly open: () => Promise<Bench>;
  readonly found: () => Found;
}

export function compareBench(
  { path, file, dims }: Original,
  flags: ModelFlags & { readonly images?: string[] },
  { terminal, signal }: CommandContext,
): CompareBench {
  let vision: OpenedModel | undefined;
  let found: Found = { skipped: [], notes: [] };
  const onNoise = (): Bench => {
    found = { skipped: [], notes: ["compared on seeded noise; give --images to compare on pictures."] };
    return noiseBench({
      runtime: createNodeRuntime(),
      home: { location: file.fileName, weights: { folder: file.folder } },
      dims,
      session: { threads: flags.threads, device: flags.device as never },
      signal,
    });
  };
  const onPictures = async (inputs: readonly string[]): Promise<Bench> => {
    vision = await openWithFlags(path, flags, terminal);
    const { entries } = await openImagesWithFlags(vision, inputs, {}, terminal);
    const { images, skipped } = await readPictures(evenly(entries, MOST_COMPARED));
    noteAssumptions(vision, images, {}, terminal);
    const evenlySpread = skipped.length === 0 ? ", evenly over the list" : "";
    const notes =
      images.length < entries.length
        ? [`compared on ${images.length} of ${entries.length} pictures${evenlySpread}.`]
        : [];
    found = { skipped, notes };
    return pictureBench(vision, images, signal);
  };
  return {
    open: async () => (flags.images === undefined ? onNoise() : await onPictures(flags.images)),
    found: () => found,
    [Symbol.asyncDispose]: async () => {
      await vision?.[Symbol.asyncDispose]();
    },
  };
}
