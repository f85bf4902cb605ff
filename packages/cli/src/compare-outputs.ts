// Runs a model and changed versions of it on the same pictures, or on seeded noise, and measures how far their outputs are apart.
import { type Model, raisePrecision, serializeByReference } from "@snellen/graph";
import { evenly, type ImageInput, noiseFeeds, type Outputs, outputDifference } from "snellen";
import { createNodeRuntime, type openModelGraph } from "snellen/node";
import type { CommandContext } from "./main.ts";
import {
  noteAssumptions,
  openImagesWithFlags,
  openWithFlags,
  readPictures,
  type SkippedPicture,
} from "./open.ts";
import type { ModelFlags } from "./options.ts";

/** Most pictures, or fillings with noise, that models are compared on. */
const MOST_INPUTS = 8;

interface Original {
  readonly path: string;
  readonly file: Awaited<ReturnType<typeof openModelGraph>>;
  /** Sizes of open dimensions. */
  readonly dims: Readonly<Record<string, number>>;
}

export interface Comparison {
  /** Of each model behind the first from the first. */
  readonly differences: readonly ReturnType<typeof outputDifference>[];
  readonly input: "images" | "noise";
  /** Pictures that were run, or fillings with noise. */
  readonly count: number;
  /** Pictures that were given; those run are evenly among them. 0 of noise. */
  readonly given: number;
  /** Pictures that were to be run and could not be read. */
  readonly skipped: readonly SkippedPicture[];
}

/**
 * Half precision is compared in single precision, as its rounding would hide everything else.
 * @param models the original first; weights that are not in memory lie where the original has them
 * @throws ImageError `no-readable-image`; what opening models and pictures throws
 */
export async function compareOutputs(
  original: Original,
  models: readonly Model[],
  flags: ModelFlags & { readonly images?: string[] },
  context: CommandContext,
): Promise<Comparison> {
  const raised = models.map((model) => raisePrecision(model));
  const { images } = flags;
  const { runs, ...ran } =
    images === undefined
      ? await runOnNoise(original, raised, flags, context)
      : await runOnImages(original.path, raised, images, flags, context);
  const [first = [], ...others] = runs;
  return {
    differences: others.map((outputs) => outputDifference(first, outputs)),
    input: images === undefined ? "noise" : "images",
    ...ran,
  };
}

type Runs = Omit<Comparison, "differences" | "input"> & { readonly runs: readonly (readonly Outputs[])[] };

async function runOnNoise(
  { file, dims }: Original,
  models: readonly Model[],
  flags: ModelFlags,
  { terminal, signal }: CommandContext,
): Promise<Runs> {
  const runtime = createNodeRuntime();
  const feeds = Array.from({ length: MOST_INPUTS }, (_, seed) => noiseFeeds(models[0] as Model, dims, seed));
  const runs: Outputs[][] = [];
  for (const model of models) {
    const serialized = {
      bytes: serializeByReference(model, file.fileName),
      weights: { folder: file.folder },
    };
    const session = await runtime.createSession(serialized, {
      threads: flags.threads,
      device: flags.device as never,
    });
    try {
      const outputs: Outputs[] = [];
      for (const feed of feeds) {
        signal.throwIfAborted();
        outputs.push(await session.run(feed));
        terminal.progress("comparing", (runs.length + outputs.length / feeds.length) / models.length);
      }
      runs.push(outputs);
    } finally {
      await session.dispose();
    }
  }
  terminal.clear();
  return { runs, count: MOST_INPUTS, given: 0, skipped: [] };
}

async function runOnImages(
  path: string,
  models: readonly Model[],
  inputs: readonly string[],
  flags: ModelFlags,
  { terminal, signal }: CommandContext,
): Promise<Runs> {
  await using vision = await openWithFlags(path, flags, terminal);
  const { entries } = await openImagesWithFlags(vision, inputs, {});
  const { images, skipped } = await readPictures(evenly(entries, MOST_INPUTS));
  noteAssumptions(vision, images, {}, terminal);
  const { fixed, freedFrom } = vision.info.batch;
  const batch = fixed ?? freedFrom ?? 1;
  const runs: Outputs[][] = [];
  for (const [i, model] of models.entries()) {
    const outputs: Outputs[] = [];
    for (let first = 0; first < images.length; first += batch) {
      // the file's own graph takes its own batch only: the last picture fills it up
      const part = Array.from(
        { length: batch },
        (_, k) => images[Math.min(first + k, images.length - 1)] as ImageInput,
      );
      outputs.push(...(await vision.run(`compared ${i}`, () => model, part, undefined, signal)));
      terminal.progress("comparing", (i + (first + batch) / images.length) / models.length);
    }
    runs.push(outputs);
  }
  terminal.clear();
  return { runs, count: images.length, given: entries.length, skipped };
}
