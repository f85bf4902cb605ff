// Does R say which pixels matter? Pixels are perturbed one at a time and the change of the score is held against R.
// Kim et al., arXiv:2108.13576, Theorem 1: a perturbation ε at (X, Y) changes y by about ε·R_XY.
import { UsageError } from "@snellen/graph";
import { pearson } from "../../cam/measures/correlation.ts";
import { inputUnits } from "../../cam/measures/input-units.ts";
import { type BoundTarget, NO_CLASS } from "../../cam/targets/target.ts";
import type { ImageInput, PreprocessedImage } from "../../images/image.ts";
import type { PreprocessSpec } from "../../images/preprocess-spec.ts";
import { preprocessedOf, withValues } from "../../images/preprocessed.ts";
import { type Source, type StreamOptions, unlessUnreadable } from "../../images/stream.ts";
import { randomStream } from "../../random.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { accumulation } from "../effective/accumulation.ts";
import { addImages, emptySums } from "../effective/effective.ts";
import { type FieldSum, fieldMapOf } from "../effective/field-sum.ts";

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
  /** Called for each unreadable image, which is then left out; without it the first one is an error. */
  readonly onSkip?: StreamOptions["onSkip"];
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export interface PerturbedPixel {
  readonly row: number;
  readonly column: number;
  /** R there, over the images that were perturbed. */
  readonly field: number;
  /** |Δy| / (colours · ε), mean over these images: what R stands for, with its sign forgotten; ε as it was applied. */
  readonly change: number;
}

/** How much single pixels move the score, held against R (arXiv:2108.13576, Theorem 1). */
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
 * Perturbs the same pixels of each image; one image at a time, so that memory does not grow with their number.
 * @throws UsageError `bad-epsilon` where the network takes bytes and ε is no whole number; what `addImages` throws
 * @returns undefined where none of the images could be read
 */
export async function checkPerturbation(
  model: VisionModel,
  images: readonly Source<ImageInput>[],
  options: PerturbationOptions,
): Promise<PerturbationCheck | undefined> {
  const { target, seed, signal, onSkip } = options;
  const { spec } = model.info.preprocessing;
  const [height, width] = model.info.input.size;
  const epsilon = options.epsilon ?? defaultEpsilon(spec);
  if (spec.dtype === "uint8" && !Number.isInteger(epsilon))
    throw new UsageError("bad-epsilon", `the network takes whole numbers, which ${epsilon} is not.`, {
      where: "--epsilon",
      hint: "Write --epsilon 3.",
    });
  const places = randomStream(seed)
    .permutation(height * width)
    .slice(0, options.pixels);
  const changes = new Float64Array(places.length);
  const plan = { layers: [], target, accumulation: accumulation("dead-pixels") };
  const sum = emptySums(model, plan)[0] as FieldSum;
  const onProgress = (done: number) => options.onProgress?.((sum.n + done) / images.length);
  for (const { source, read } of images) {
    signal?.throwIfAborted();
    const image = await unlessUnreadable(source, read, onSkip);
    if (image === undefined) continue;
    const found = await changesOf(model, preprocessedOf(spec, image), places, epsilon, options, onProgress);
    found.forEach((v, p) => {
      changes[p] = (changes[p] as number) + v;
    });
    await addImages(model, plan, [sum], [image], signal);
  }
  if (sum.n === 0) return undefined;
  const R = fieldMapOf(sum).values;
  const fields = Float64Array.from(places, (p) => R[p] as number);
  const means = changes.map((v) => v / sum.n);
  return {
    images: sum.n,
    epsilon,
    pixels: places.map((p, i) => ({
      row: Math.floor(p / width),
      column: p % width,
      field: fields[i] as number,
      change: means[i] as number,
    })),
    ...lineThrough(fields, means),
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
  const [colours] = image.shape;
  const [plain] = await model.predict([image], { signal });
  const logits = plain?.logits ?? new Float32Array();
  const wanted = target.feed(image);
  const settled =
    target.kind.settle?.(wanted, { logits, classIndex: plain?.classIndex ?? NO_CLASS }) ?? wanted;
  const index = settled[0]?.[0] ?? 0;
  const found: number[] = [];
  for (let first = 0; first < places.length; first += batch) {
    const part = places.slice(first, first + batch);
    const altered = part.map((p) => stepped(spec, image, p, epsilon));
    const moved = await model.predict(
      altered.map((version) => version.image),
      { signal },
    );
    moved.forEach(({ logits: after }, i) => {
      const change = Math.abs((after[index] as number) - (logits[index] as number));
      const step = altered[i]?.step ?? 0;
      found.push(step > 0 ? change / (colours * step) : 0);
    });
    onProgress(Math.min(1, (first + batch) / places.length));
  }
  return found;
}

/** The image with one pixel changed by ε in each colour, and by how much it was: bytes end at 0 and 255, so some step down. */
function stepped(
  spec: PreprocessSpec,
  image: PreprocessedImage,
  place: number,
  epsilon: number,
): { readonly image: PreprocessedImage; readonly step: number } {
  const [colours, height, width] = image.shape;
  const at = Array.from({ length: colours }, (_, c) => c * height * width + place);
  const isFull = spec.dtype === "uint8" && at.some((i) => (image.values[i] as number) + epsilon > 255);
  const values = image.values.slice();
  for (const i of at) values[i] = (values[i] as number) + (isFull ? -epsilon : epsilon);
  const altered = withValues(spec, image, values);
  const steps = at.map((i) => Math.abs((altered.values[i] as number) - (image.values[i] as number)));
  return { image: altered, step: steps.reduce((a, v) => a + v, 0) / colours };
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
