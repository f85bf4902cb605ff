// How far a mended model's z₀ and logits are from the original's on the same pictures. Derived here.
import { createBuilder, InternalError, type Model, removeDead } from "@snellen/graph";
import { toFeatureMap } from "../../cam/feature-map.ts";
import type { ImageInput } from "../../images/image.ts";
import { classScores } from "../../vision-model/class-scores.ts";
import { topClass } from "../../vision-model/top-class.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { findPatchEmbedding } from "../find-patch-embedding.ts";
import { joined } from "../joined.ts";
import type { PatchEmbedding } from "../patch-embedding.ts";

/** How far a mended model's z₀ and logits are from the original's on the same pictures. Plain data. */
export interface EmbeddingChange {
  /** |z₀′ − z₀| / |z₀| over all patches of all pictures. Null, as the two below, without pictures or where all is zero. */
  readonly z0Error: number | null;
  /** Largest difference of a logit, in parts of the largest logit. */
  readonly logitChange: number | null;
  /** Share of pictures whose highest logit stays the same. */
  readonly stays: number | null;
  /** Index of the original's highest logit, for each picture. */
  readonly predicted: readonly number[];
}

interface ChangeOptions {
  readonly batch: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/**
 * Runs both models on the same pictures and compares z₀, of the patches alone, and logits.
 * @param before without PreLayerNorm
 * @param after the same network with PreLayerNorm
 * @throws InternalError where no PreLayerNorm is found in it; what running a model throws
 */
export async function measureEmbeddingChange(
  before: VisionModel,
  after: VisionModel,
  images: readonly ImageInput[],
  { batch, signal, onProgress }: ChangeOptions,
): Promise<EmbeddingChange> {
  const [first, second] = [embeddingOf(before, false), embeddingOf(after, true)];
  let [difference, square, largest, change, same] = [0, 0, 0, 0, 0];
  const predicted: number[] = [];
  for (let start = 0; start < images.length; start += batch) {
    const part = images.slice(start, start + batch);
    const [a, b] = [await runOn(before, first, part, signal), await runOn(after, second, part, signal)];
    for (let i = 0; i < a.z0.length; i++) {
      difference += ((b.z0[i] as number) - (a.z0[i] as number)) ** 2;
      square += (a.z0[i] as number) ** 2;
    }
    for (let i = 0; i < part.length; i++) {
      const [own, other] = [a, b].map(({ logits, classes }) =>
        logits.subarray(i * classes, (i + 1) * classes),
      ) as [Float32Array, Float32Array];
      own.forEach((score, k) => {
        largest = Math.max(largest, Math.abs(score));
        change = Math.max(change, Math.abs((other[k] as number) - score));
      });
      predicted.push(topClass(own));
      same += Number(topClass(own) === topClass(other));
    }
    onProgress?.((start + part.length) / images.length);
  }
  return {
    z0Error: square > 0 ? Math.sqrt(difference / square) : null,
    logitChange: largest > 0 ? change / largest : null,
    stays: images.length > 0 ? same / images.length : null,
    predicted,
  };
}

function embeddingOf({ info }: VisionModel, isMended: boolean): PatchEmbedding {
  const found = findPatchEmbedding(info);
  if (found.found && found.isPreNormalized === isMended) return found;
  const what = found.found ? `PreLayerNorm is ${isMended ? "not " : ""}there` : found.text;
  throw new InternalError(`the ${isMended ? "mended" : "original"} model's patch embedding: ${what}`);
}

const OUTPUTS = { z0: "snellen_z0", logits: "snellen_logits" } as const;

function changeGraph({ graph: { model, shapes }, sum }: PatchEmbedding, { info }: VisionModel): Model {
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  b.output(toFeatureMap(b, sum.name, sum.layout), OUTPUTS.z0);
  b.output(classScores(b, info.logits), OUTPUTS.logits);
  return removeDead(b.build());
}

/** z₀ and logits of these pictures alone, without what fills a batch up. */
async function runOn(
  model: VisionModel,
  found: PatchEmbedding,
  images: readonly ImageInput[],
  signal: AbortSignal | undefined,
): Promise<{ z0: Float32Array; logits: Float32Array; classes: number }> {
  const results = await model.run(
    "z0 and logits",
    () => changeGraph(found, model),
    images,
    undefined,
    signal,
  );
  const { classes } = model.info.logits;
  const rows = (name: string, size: number) => joined(results, name).subarray(0, images.length * size);
  const size = found.width * found.grid[0] * found.grid[1];
  return { z0: rows(OUTPUTS.z0, size), logits: rows(OUTPUTS.logits, classes), classes };
}
