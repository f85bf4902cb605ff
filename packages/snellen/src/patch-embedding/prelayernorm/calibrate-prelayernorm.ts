// Calibrates PreLayerNorm on clean pictures: γ and β for which z₀ changes least, so that fine-tuning starts near the network as it was.
// arXiv:2111.08413 leaves the initial values open; least squares is derived here.
import type { Model } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../../images/image.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { PatchEmbedding } from "../patch-embedding.ts";
import { channelSumsGraph, patchSumsGraph, SUMS } from "./calibration-graph.ts";
import {
  type ChannelSums,
  type Fit,
  fitChannels,
  fitPatches,
  type PatchSums,
  r2Of,
} from "./least-squares.ts";
import {
  normalizesAfter,
  normalizesBefore,
  PRELAYERNORM_EPSILON,
  type PreLayerNorm,
  type PreLayerNormMode,
} from "./prelayernorm.ts";
import { requireMode } from "./refusals.ts";

/** Where the normalization stands, and how pictures are run. */
export interface CalibrationOptions {
  readonly mode: PreLayerNormMode;
  /** Default `PRELAYERNORM_EPSILON`. */
  readonly epsilon?: number;
  /** Pictures run at a time; default 8. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/** A PreLayerNorm that changes z₀ least on the given pictures, and how much of the patches' vectors it keeps. */
export interface Calibration {
  readonly norm: PreLayerNorm;
  /** Pictures and patches that it was solved on. */
  readonly images: number;
  readonly patches: number;
  /** Share of the variance of E·patch + b, each channel about its mean, that stays; null without any variance. */
  readonly r2: number | null;
}

const DEFAULT_BATCH = 8;

/**
 * Runs the patch embedding on every picture; of `both`, the vectors behind the projection are calibrated with the patches in front of it
 * normalized already.
 * @param images one at least
 * @throws ModelError `cannot-normalize-patches`; what running a model throws
 */
export async function calibratePreLayerNorm(
  model: VisionModel,
  found: PatchEmbedding,
  images: readonly ImageInput[],
  { mode, epsilon = PRELAYERNORM_EPSILON, onProgress, ...options }: CalibrationOptions,
): Promise<Calibration> {
  requireMode(found, mode);
  const patches = images.length * found.grid[0] * found.grid[1];
  const stages = mode === "both" ? 2 : 1;
  const sums = (stage: number, key: string, build: () => Model) =>
    sumsOver(model, `prelayernorm ${epsilon} ${key}`, build, images, {
      ...options,
      onProgress: (done) => onProgress?.((stage + done) / stages),
    });
  const before = normalizesBefore(mode)
    ? fitPatches(patchSumsOf(await sums(0, "patches", () => patchSumsGraph(found, epsilon)), patches))
    : undefined;
  const front = before?.affine ?? null;
  const key = `channels ${front === null ? "" : [...front.scale, ...front.bias]}`;
  const after = normalizesAfter(mode)
    ? fitChannels(
        channelSumsOf(await sums(stages - 1, key, () => channelSumsGraph(found, front, epsilon)), patches),
      )
    : undefined;
  const last = (after ?? before) as Fit;
  return {
    norm: { before: front, after: after?.affine ?? null, epsilon },
    images: images.length,
    patches,
    r2: r2Of(last),
  };
}

type Sums = ReadonlyMap<string, Float64Array>;

async function sumsOver(
  model: VisionModel,
  key: string,
  build: () => Model,
  images: readonly ImageInput[],
  { batch = DEFAULT_BATCH, signal, onProgress }: Omit<CalibrationOptions, "mode" | "epsilon">,
): Promise<Sums> {
  const totals = new Map<string, Float64Array>();
  for (let first = 0; first < images.length; first += batch) {
    const part = images.slice(first, first + batch);
    const counted = (start: number, count: number) => {
      const values = Float32Array.from({ length: count }, (_, i) => Number(start + i < part.length));
      return { [SUMS.counted]: new Tensor("float32", values, [count]) };
    };
    for (const outputs of await model.run(key, build, part, counted, signal))
      for (const [name, { data }] of Object.entries(outputs)) {
        const total = totals.get(name) ?? new Float64Array(data.length);
        const values = data as Float32Array;
        // EᵀE is the same in every run
        if (name === SUMS.metric) total.set(values);
        else for (let i = 0; i < total.length; i++) (total[i] as number) += values[i] as number;
        totals.set(name, total);
      }
    onProgress?.((first + part.length) / images.length);
  }
  return totals;
}

const of = (sums: Sums, name: string): Float64Array => sums.get(name) as Float64Array;

const channelSumsOf = (sums: Sums, count: number): ChannelSums => ({
  count,
  n: of(sums, SUMS.n),
  nn: of(sums, SUMS.nn),
  t: of(sums, SUMS.t),
  tt: of(sums, SUMS.tt),
  tn: of(sums, SUMS.tn),
});

function patchSumsOf(sums: Sums, count: number): PatchSums {
  const [t, tt] = [of(sums, SUMS.t), of(sums, SUMS.tt)];
  return {
    count,
    n: of(sums, SUMS.n),
    p: of(sums, SUMS.p),
    nn: of(sums, SUMS.nn),
    np: of(sums, SUMS.np),
    metric: of(sums, SUMS.metric),
    total: tt.reduce((sum, square, d) => sum + Math.max(0, square - (t[d] as number) ** 2 / count), 0),
  };
}
