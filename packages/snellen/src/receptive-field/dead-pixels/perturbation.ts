// Does R say which pixels matter? Pixels are perturbed one at a time and the change of the score is held against R.
// Kim et al., arXiv:2108.13576, Theorem 1: a perturbation ε at (X, Y) changes y by about ε·R_XY.
import { UsageError } from "@snellen/graph";
import { pearson } from "../../cam/measures/correlation.ts";
import { inputUnits } from "../../cam/measures/input-units.ts";
import { type BoundTarget, NO_CLASS } from "../../cam/targets/target.ts";
import type { ImageInput, PreprocessedImage } from "../../images/image.ts";
import type { PreprocessSpec } from "../../images/preprocess-spec.ts";
import { preprocessedOf, withValues } from "../../images/preprocessed.ts";
import { randomStream } from "../../random.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { accumulation } from "../effective/accumulation.ts";
import { addImages, emptySums } from "../effective/effective.ts";
import { fieldMapOf } from "../effective/field-sum.ts";

export interface PerturbationOptions {
  /** The score, a class's own. */
  readonly target: BoundTarget;
  /** How many pixels are perturbed, drawn at random. */
  readonly pixels: number;
  /** Added to every colour of a pixel, in the network's own units; default a hundredth of what its pixels can span. */
  readonly epsilon?: number;
  readonly seed: number;
  /** Images run at a time; default 8. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export interface PerturbedPixel {
  readonly row: number;
  readonly column: number;
  /** R there, over the images that were perturbed. */
  readonly field: number;
  /** |Δy| / (colours · ε), mean over these images: what R stands for, with its sign forgotten. */
  readonly change: number;
}

export interface PerturbationCheck {
  readonly images: number;
  /** In the network's own units. */
  readonly epsilon: number;
  readonly pixels: readonly PerturbedPixel[];
  /** Squared correlation of change and R over the pixels; undefined where either is the same everywhere. */
  readonly r2: number | undefined;
  /** Of the least-squares line change = slope · R + intercept: 1 where no gradient is negative, 2 where signs are even. */
  readonly slope: number | undefined;
}

/**
 * Perturbs the same pixels of each image.
 * @throws UsageError `bad-epsilon` where the network takes bytes and ε is less than one; what `addImages` throws
 */
export async function checkPerturbation(
  model: VisionModel,
  images: readonly ImageInput[],
  options: PerturbationOptions,
): Promise<PerturbationCheck> {
  const { target, seed } = options;
  const { spec } = model.info.preprocessing;
  const [height, width] = model.info.input.size;
  const epsilon = options.epsilon ?? defaultEpsilon(spec);
  if (spec.dtype === "uint8" && epsilon < 1)
    throw new UsageError(
      "bad-epsilon",
      `the network takes whole numbers, which ${epsilon} does not change.`,
      {
        where: "--epsilon",
        hint: "Write --epsilon 8, or more.",
      },
    );
  const places = randomStream(seed)
    .permutation(height * width)
    .slice(0, options.pixels);
  const changes = new Float64Array(places.length);
  for (const [i, image] of images.entries()) {
    const found = await changesOf(model, preprocessedOf(spec, image), places, epsilon, options, (done) =>
      options.onProgress?.((i + done) / images.length),
    );
    found.forEach((v, p) => {
      changes[p] = (changes[p] as number) + v / images.length;
    });
  }
  const plan = { layers: [], target, accumulation: accumulation("dead-pixels") };
  const [sum] = emptySums(model, plan);
  const sums = sum === undefined ? [] : [sum];
  const { batch = 8, signal } = options;
  for (let first = 0; first < images.length; first += batch)
    await addImages(model, plan, sums, images.slice(first, first + batch), signal);
  const R = sum === undefined ? new Float64Array(height * width) : fieldMapOf(sum).values;
  const fields = Float64Array.from(places, (p) => R[p] as number);
  return {
    images: images.length,
    epsilon,
    pixels: places.map((p, i) => ({
      row: Math.floor(p / width),
      column: p % width,
      field: fields[i] as number,
      change: changes[i] as number,
    })),
    ...lineThrough(fields, changes),
  };
}

/** A hundredth of what pixels can span: the noise of measures is 0.00225 of it. Where the network takes bytes, whole ones. */
function defaultEpsilon(spec: PreprocessSpec): number {
  const hundredth = Math.min(...inputUnits(spec).noise) / 0.225;
  return spec.dtype === "uint8" ? Math.max(1, Math.round(hundredth)) : hundredth;
}

/** |Δy| / (colours · ε) for each place of one image. */
async function changesOf(
  model: VisionModel,
  image: PreprocessedImage,
  places: readonly number[],
  epsilon: number,
  { target, batch = 8, signal }: PerturbationOptions,
  onProgress: (done: number) => void,
): Promise<number[]> {
  const { spec } = model.info.preprocessing;
  const [colours, height, width] = image.shape;
  const [plain] = await model.predict([image], { signal });
  const logits = plain?.logits ?? new Float32Array();
  const wanted = target.feed(image);
  const settled =
    target.kind.settle?.(wanted, { logits, classIndex: plain?.classIndex ?? NO_CLASS }) ?? wanted;
  const index = settled[0]?.[0] ?? 0;
  const found: number[] = [];
  for (let first = 0; first < places.length; first += batch) {
    const altered = places.slice(first, first + batch).map((p) => {
      const values = image.values.slice();
      for (let c = 0; c < colours; c++) {
        const at = c * height * width + p;
        values[at] = (values[at] as number) + epsilon;
      }
      return withValues(spec, image, values);
    });
    for (const { logits: moved } of await model.predict(altered, { signal }))
      found.push(Math.abs((moved[index] as number) - (logits[index] as number)) / (colours * epsilon));
    onProgress(Math.min(1, (first + batch) / places.length));
  }
  return found;
}

function lineThrough(x: Float64Array, y: Float64Array): Pick<PerturbationCheck, "r2" | "slope"> {
  const r = pearson(x, y);
  if (r === undefined) return { r2: undefined, slope: undefined };
  return { r2: r * r, slope: (r * deviation(y)) / deviation(x) };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((a, v) => a + v, 0) / values.length;
  return Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length);
}
