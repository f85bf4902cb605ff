// How alike the maps of each method stay when a network's weights are randomized from the scores downwards.
// Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018, arXiv:1810.03292 (cascading randomization, |Spearman|).
import type { ImageInput } from "../../images/image.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { CamMap } from "../cam-map.ts";
import { type Interval, summarize } from "../measures/statistics.ts";
import { classTarget } from "../targets/class.ts";
import type { LabelledSource } from "../targets/class-reference.ts";
import type { BoundTarget } from "../targets/target.ts";
import { similarity } from "./map-similarity.ts";
import { randomizeWeights, weightedLayers } from "./sanity-check.ts";

/** How alike each method's maps stay while the network's weights are randomized (Adebayo et al., arXiv:1810.03292). */
export interface Sanity {
  readonly images: number;
  /** How many weighted layers were randomized at each level, of how many. */
  readonly levels: readonly number[];
  readonly layers: number;
  /** Mean |rank correlation| between a method's cells and those of the randomized network, at each level. */
  readonly rows: readonly SanityRow[];
}

export interface SanityRow {
  readonly method: string;
  readonly similarity: readonly number[];
  /** 95 % of the mean at the last level, over images; null for a single image. */
  readonly interval: Interval | null;
}

export interface SanityOptions {
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Shares of the weighted layers that are randomized, from the scores downwards; the first level is the last layer alone. */
const SHARES = [0, 0.25, 0.5, 1];

/**
 * Maps are compared for the class that the network itself sees, at its default layer.
 * @returns undefined where the network has no weights to randomize, or there are no images
 */
export async function studySanity(
  model: VisionModel,
  images: readonly ImageInput[],
  methods: readonly string[],
  { seed = 1, signal, onProgress }: SanityOptions = {},
): Promise<Sanity | undefined> {
  const { info } = model;
  const layers = weightedLayers(info.model, info.shapes, info.logits.value).length;
  if (images.length === 0 || methods.length === 0 || layers === 0) return undefined;
  const own = await model.cams(images, methods, { signal });
  // by the image itself, as several may have one source
  const seen = new Map(images.map((image, i) => [image as LabelledSource, own[i]?.[0]?.classIndex]));
  const target: BoundTarget = {
    ...classTarget(info, 0),
    name: "seen",
    feed: (image) => [[seen.get(image) ?? 0]],
  };
  const levels = [...new Set(SHARES.map((share) => Math.max(1, Math.ceil(share * layers))))];
  const rows = methods.map((method) => ({
    method,
    similarity: [] as number[],
    interval: null as Interval | null,
  }));
  for (const [l, fromTop] of levels.entries()) {
    const random = randomizeWeights(info.model, info.shapes, { fromTop, seed, scores: info.logits.value });
    const altered = model.altered(
      { ...info, model: random.model, shapes: random.shapes },
      `random ${seed} ${fromTop}`,
    );
    const maps = await altered.cams(images, methods, { target, signal });
    rows.forEach((row, m) => {
      const alike = own.map((ofImage, i) => likeness(ofImage[m] as CamMap, maps[i]?.[m] as CamMap));
      const { mean, interval } = summarize(alike);
      row.similarity.push(mean ?? 0);
      row.interval = interval ?? null;
    });
    onProgress?.((l + 1) / levels.length);
  }
  return { images: images.length, levels, layers, rows };
}

const likeness = (a: CamMap, c: CamMap): number =>
  Math.abs(similarity(a.cells, c.cells).rankCorrelation ?? 0);
