// PreLayerNorm from a loaded vision transformer to a mended one: calibrated on pictures, put into the file's own graph, and measured.
// Kim et al., arXiv:2111.08413; calibration without training is derived here.
import type { Corruptor } from "../corruptions/corruptor.ts";
import type { ImageInput } from "../images/image.ts";
import type { SkippedImage } from "../images/stream.ts";
import { findPatchEmbedding } from "../patch-embedding/find-patch-embedding.ts";
import type { PatchEmbedding } from "../patch-embedding/patch-embedding.ts";
import { calibratePreLayerNorm } from "../patch-embedding/prelayernorm/calibrate-prelayernorm.ts";
import type { PreLayerNormEffect } from "../patch-embedding/prelayernorm/effect.ts";
import {
  type EmbeddingChange,
  measureEmbeddingChange,
} from "../patch-embedding/prelayernorm/embedding-change.ts";
import { insertPreLayerNorm } from "../patch-embedding/prelayernorm/insert-prelayernorm.ts";
import { measurePreLayerNormEffect } from "../patch-embedding/prelayernorm/measure-effect.ts";
import type { PreLayerNormMode } from "../patch-embedding/prelayernorm/prelayernorm.ts";
import { pytorchPreLayerNorm } from "../patch-embedding/prelayernorm/pytorch-prelayernorm.ts";
import { noPatchEmbedding, requireMode } from "../patch-embedding/prelayernorm/refusals.ts";
import { type JudgedPreLayerNorm, judgePreLayerNorm } from "../patch-embedding/prelayernorm/verdict.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import type { Mending, Reopen } from "./mending.ts";

/** What `mendPatches` changed and measured. Plain data. */
export interface PreLayerNormFacts {
  readonly mode: PreLayerNormMode;
  readonly embedding: FoundEmbedding;
  /** All null where the model is normalized already. */
  readonly calibration: CalibrationReport | null;
  readonly effect: PreLayerNormEffect | null;
  readonly verdict: JudgedPreLayerNorm | null;
  readonly notes: readonly string[];
}

export interface FoundEmbedding {
  /** The layer that embeds patches; its PyTorch module, where a name tells it. */
  readonly projection: string;
  readonly module: string | null;
  readonly kind: "conv" | "unfold";
  /** [rows, columns] of a patch, and of the grid of patches. */
  readonly patch: readonly [number, number];
  readonly grid: readonly [number, number];
  /** Numbers of a patch's vector. */
  readonly width: number;
}

export interface CalibrationReport extends Omit<EmbeddingChange, "predicted"> {
  readonly images: number;
  readonly patches: number;
  readonly r2: number | null;
  readonly epsilon: number;
  /** Initializers with γ and β; null where there is no such normalization. */
  readonly before: { readonly scale: string; readonly bias: string } | null;
  readonly after: { readonly scale: string; readonly bias: string } | null;
}

/** Where patches are normalized, and on what that is calibrated and measured. */
export interface MendPatchesOptions {
  readonly mode: PreLayerNormMode;
  /** Pictures to calibrate and to measure on; asked for once the model is known to have something to mend. */
  readonly images: () => Promise<readonly ImageInput[]> | readonly ImageInput[];
  readonly corruptor: Corruptor;
  readonly batch: number;
  readonly reopen: Reopen;
  readonly signal?: AbortSignal;
  readonly onSkip?: (skipped: SkippedImage) => void;
  /** Called with the share done of a step, 0 to 1. */
  readonly onProgress?: (step: string, done: number) => void;
}

/**
 * Puts PreLayerNorm into a vision transformer, calibrated on pictures, and measures what it does to z₀, to logits and to
 * predictions under corruptions.
 * @returns without a model where patches are normalized already
 * @throws ModelError `no-patch-embedding`, `cannot-normalize-patches`; what measuring throws
 */
export async function mendPatches(
  model: VisionModel,
  options: MendPatchesOptions,
): Promise<Mending<PreLayerNormFacts>> {
  const { mode, batch, reopen, corruptor, signal, onSkip, onProgress } = options;
  const found = embeddingOf(model);
  if (found.isPreNormalized) return alreadyNormalized(found, mode);
  requireMode(found, mode);
  const images = await options.images();
  const at = (step: string) => ({ batch, signal, onProgress: (done: number) => onProgress?.(step, done) });
  const calibration = await calibratePreLayerNorm(model, found, images, { mode, ...at("calibrating") });
  const inserted = insertPreLayerNorm(model.info, found, calibration.norm);
  await using mended = await reopen(inserted.model);
  const { predicted, ...change } = await measureEmbeddingChange(model, mended, images, at("comparing"));
  const effect = await measurePreLayerNormEffect({ before: model, after: mended, predicted }, images, {
    corruptor,
    onSkip,
    ...at("under corruptions"),
  });
  const { epsilon } = calibration.norm;
  const { before, after, module } = inserted;
  const { norm: _, ...measured } = calibration;
  return {
    report: {
      mode,
      embedding: { ...described(found), module },
      calibration: { ...measured, ...change, epsilon, before, after },
      effect,
      verdict: judgePreLayerNorm(effect),
      notes: [NEXT],
    },
    mended: { model: inserted.model, snippet: (file) => pytorchPreLayerNorm(inserted, { file, epsilon }) },
  };
}

const NEXT =
  "Calibration is where training starts: fine-tune the mended model (snellen finetune), or make the same change in your own training code by the PyTorch snippet.";

/** @throws ModelError `no-patch-embedding` */
function embeddingOf({ info }: VisionModel): PatchEmbedding {
  const found = findPatchEmbedding(info);
  if (found.found) return found;
  throw noPatchEmbedding(found);
}

const described = ({ projection, grid, width }: PatchEmbedding): FoundEmbedding => ({
  projection: projection.node.name || projection.output,
  module: null,
  kind: projection.kind,
  patch: projection.patch,
  grid,
  width,
});

const alreadyNormalized = (found: PatchEmbedding, mode: PreLayerNormMode): Mending<PreLayerNormFacts> => ({
  report: {
    mode,
    embedding: described(found),
    calibration: null,
    effect: null,
    verdict: null,
    notes: ["Its patches are normalized before positions are added already: PreLayerNorm is there."],
  },
  mended: undefined,
});
