// Runs a model and changed versions of it on the same pictures, or on seeded noise, and measures how far their outputs are apart.
import { type Model, raisePrecision, serializeByReference } from "@snellen/graph";
import type { ImageInput } from "../images/image.ts";
import {
  noiseFeeds,
  type OutputDifference,
  type Outputs,
  outputDifference,
} from "../receptive-field/kernel-padding/output-difference.ts";
import type { Runtime, SessionOptions } from "../runtime/runtime.ts";
import type { ModelHome, VisionModel } from "../vision-model/vision-model.ts";
import { withoutRounding } from "./without-rounding.ts";

/** Most pictures, or fillings with noise, that models are compared on. */
export const MOST_COMPARED = 8;

/** What models run on when they are compared; a key tells one model from another. */
export interface Bench {
  readonly input: "images" | "noise";
  /** Pictures, or fillings with noise. */
  readonly count: number;
  /** @param onRun called with the share done, 0 to 1 */
  readonly run: (model: Model, key: string, onRun: (done: number) => void) => Promise<readonly Outputs[]>;
}

export interface Comparison {
  /** Of each model behind the first from the first. */
  readonly differences: readonly OutputDifference[];
  readonly input: Bench["input"];
  readonly count: number;
}

/**
 * Half precision is compared in single precision and quantized values without their rounding, which would hide everything else.
 * @param models the original first
 */
export async function compareOutputs(
  { run, input, count }: Bench,
  models: readonly Model[],
  onProgress?: (done: number) => void,
): Promise<Comparison> {
  const runs: (readonly Outputs[])[] = [];
  for (const [i, model] of models.entries())
    runs.push(
      await run(withoutRounding(raisePrecision(model)), `compared ${i}`, (done) =>
        onProgress?.((i + done) / models.length),
      ),
    );
  const [first = [], ...others] = runs;
  return { differences: others.map((outputs) => outputDifference(first, outputs)), input, count };
}

/** Pictures as the network gets them. Whoever reads them takes `MOST_COMPARED` of them, evenly. */
export function pictureBench(
  vision: VisionModel,
  images: readonly ImageInput[],
  signal?: AbortSignal,
): Bench {
  const { fixed, freedFrom } = vision.info.batch;
  const batch = fixed ?? freedFrom ?? 1;
  const run: Bench["run"] = async (model, key, onRun) => {
    const outputs: Outputs[] = [];
    for (let first = 0; first < images.length; first += batch) {
      // the file's own graph takes its own batch only: the last picture fills it up
      const part = Array.from(
        { length: batch },
        (_, k) => images[Math.min(first + k, images.length - 1)] as ImageInput,
      );
      outputs.push(...(await vision.run(key, () => model, part, undefined, signal)));
      onRun(Math.min(1, (first + batch) / images.length));
    }
    return outputs;
  };
  return { input: "images", count: images.length, run };
}

export interface NoiseBenchOptions {
  readonly runtime: Runtime;
  /** Where weights lie that are not in memory. */
  readonly home: ModelHome;
  /** Sizes of open dimensions. */
  readonly dims: Readonly<Record<string, number>>;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
}

/** Seeded noise for every input, of any model: nothing has to be known of what its inputs mean. */
export function noiseBench({ runtime, home, dims, session: options, signal }: NoiseBenchOptions): Bench {
  const run: Bench["run"] = async (model, _, onRun) => {
    const bytes = serializeByReference(model, home.location);
    const session = await runtime.createSession({ bytes, weights: home.weights }, options);
    try {
      const outputs: Outputs[] = [];
      for (let seed = 0; seed < MOST_COMPARED; seed++) {
        signal?.throwIfAborted();
        outputs.push(await session.run(noiseFeeds(model, dims, seed)));
        onRun((seed + 1) / MOST_COMPARED);
      }
      return outputs;
    } finally {
      await session.dispose();
    }
  };
  return { input: "noise", count: MOST_COMPARED, run };
}
