// Measures how the patch embedding answers to stronger colours: every picture clean and altered by growing factors, at the size that
// the network sees. Kim et al., arXiv:2111.08413; the figures are derived here.
import { ModelError } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { requireFinite } from "../cam/cam-map.ts";
import type { Image, ImageInput } from "../images/image.ts";
import { inBatches, type Source, type StreamOptions, streamInOrder } from "../images/stream.ts";
import { fitted } from "../vision-model/fitted.ts";
import { pictureOf } from "../vision-model/picture.ts";
import { topClass } from "../vision-model/top-class.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import { embeddingScaleGraph, SCALE } from "./embedding-scale-graph.ts";
import type { EmbeddingScale } from "./embedding-scale-result.ts";
import { findPatchEmbedding } from "./find-patch-embedding.ts";
import { gripOf, worstOf } from "./grip.ts";
import { joined } from "./joined.ts";
import type { NoPatchEmbedding, PatchEmbedding } from "./patch-embedding.ts";
import { SCALE_FACTORS, type ScaleAlteration, scaleAlterations } from "./scale-families.ts";
import { createTally, type ImageFigures } from "./scale-tally.ts";

export interface EmbeddingScaleOptions {
  /** Default: contrast and colour scale. */
  readonly alterations?: readonly ScaleAlteration[];
  /** Ascending, the first of them 1; default `SCALE_FACTORS`. */
  readonly factors?: readonly number[];
  /** Pictures run at a time; default 8. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  readonly onSkip?: StreamOptions["onSkip"];
  /** Called after each batch with the pictures done so far. */
  readonly onProgress?: (done: number) => void;
}

const DEFAULT_BATCH = 8;

/**
 * Runs the model on every image as it is and at every factor of every alteration. Images are fitted to the input first and altered as
 * bytes, then normalized. Labels are the images' own (`classIndex`).
 * @returns the figures, or why there is no positional embedding to measure
 * @throws ModelError `zero-positions` where E_pos is zero at every patch, `nan-logits`; what running and reading throw
 */
export async function measureEmbeddingScale(
  model: VisionModel,
  images: readonly Source<ImageInput>[],
  options: EmbeddingScaleOptions = {},
): Promise<EmbeddingScale | NoPatchEmbedding> {
  const found = findPatchEmbedding(model.info);
  if (!found.found) return found;
  const { alterations = scaleAlterations, factors = SCALE_FACTORS, batch = DEFAULT_BATCH } = options;
  const run = createRunner(model, found);
  const tally = createTally(alterations, factors);
  for await (const inputs of inBatches(streamInOrder(images, options), batch)) {
    const pictures = inputs.map((image) => pictureOf(model.info, image));
    const labels = inputs.map(({ classIndex }) => classIndex);
    const clean = await run(pictures, undefined, options.signal);
    for (const alteration of alterations)
      for (const factor of factors) {
        const altered = pictures.map((picture) => ({ ...picture, data: alteration.apply(picture, factor) }));
        const figures =
          factor === 1
            ? ofClean(clean.figures)
            : (await run(altered, clean.embedding, options.signal)).figures;
        tally.add(alteration.id, factor, figures, labels);
      }
    options.onProgress?.(tally.count());
  }
  const rows = tally.rows();
  const grips = alterations.map((alteration) => gripOf(alteration, tally.of(alteration.id)));
  return { found, rows, grips, verdict: worstOf(grips), n: tally.count(), labelled: tally.labelled() };
}

/** A picture's cosine with itself. */
const ofClean = (figures: readonly ImageFigures[]): ImageFigures[] =>
  figures.map((f) => ({ ...f, cosine: 1 }));

type Run = (
  pictures: readonly Image[],
  reference: Float32Array | undefined,
  signal: AbortSignal | undefined,
) => Promise<{ figures: ImageFigures[]; embedding: Float32Array }>;

/** Runs pictures of the input's size; `reference` is what a run of the clean ones gave as `embedding`. */
function createRunner(model: VisionModel, found: PatchEmbedding): Run {
  const { info } = model;
  const front = fitted(model);
  const dims = [found.width, ...found.grid];
  const size = dims.reduce((a, b) => a * b);
  return async (pictures, reference, signal) => {
    const feeds = (first: number, count: number) => {
      const values = new Float32Array(count * size);
      if (reference !== undefined) values.set(reference.subarray(first * size, (first + count) * size));
      return { [SCALE.reference]: new Tensor("float32", values, [count, ...dims]) };
    };
    const build = () => embeddingScaleGraph(found, info.logits);
    const results = await front.run("embedding scale", build, pictures, feeds, signal);
    const all = (name: string) => joined(results, name);
    const [ratio, cosine, share] = [all(SCALE.ratio), all(SCALE.cosine), all(SCALE.positionalShare)];
    const [placed, logits] = [all(SCALE.placed), all(SCALE.logits)];
    const { classes } = info.logits;
    const figures = pictures.map(({ source }, i): ImageFigures => {
      if (placed[i] === 0) throw zeroPositions(found);
      const scores = logits.subarray(i * classes, (i + 1) * classes);
      requireFinite(info, source, "scores", scores);
      return {
        ratio: ratio[i] as number,
        cosine: cosine[i] as number,
        positionalShare: share[i] as number,
        predicted: topClass(scores),
      };
    });
    return { figures, embedding: all(SCALE.embedding) };
  };
}

const zeroPositions = ({ positional }: PatchEmbedding): ModelError =>
  new ModelError("zero-positions", "the positional embedding is zero at every patch.", {
    where: `"${positional.value}"`,
    hint: "The network has not been trained, or its positions were taken out.",
  });
