// Runs `snellen fix prelayernorm`: calibrates on pictures, puts the normalization into the file's own graph, measures what it did, and
// writes model and report.
import { basename } from "node:path";
import { UsageError } from "@snellen/graph";
import {
  calibratePreLayerNorm,
  type EmbeddingChange,
  findPatchEmbedding,
  insertPreLayerNorm,
  type JudgedPreLayerNorm,
  judgePreLayerNorm,
  measureEmbeddingChange,
  measurePreLayerNormEffect,
  noPatchEmbedding,
  type PatchEmbedding,
  type PreLayerNormEffect,
  type PreLayerNormMode,
  pytorchPreLayerNorm,
  requireMode,
  skipReason,
  VERSION,
} from "snellen";
import { type OpenedModel, openModelGraph, writeFileAtomic } from "snellen/node";
import type { PreLayerNormFlags } from "./commands/fix/prelayernorm.ts";
import type { CommandContext } from "./main.ts";
import { measuredImages } from "./measured-images.ts";
import { mendedFiles, requireSeparateFiles, writeMended } from "./mended-files.ts";
import { batchOf, openFileWithFlags, type SkippedPicture } from "./open.ts";
import { openCorruptor } from "./open-corruptor.ts";
import { saidBefore } from "./terminal.ts";

/** What `--json` prints, and the file beside the new model holds. */
export interface PreLayerNormReport {
  readonly version: string;
  readonly model: string;
  /** What was written; empty where the model is normalized already. */
  readonly files: readonly string[];
  readonly mode: PreLayerNormMode;
  readonly embedding: FoundEmbedding;
  /** All null where the model is normalized already. */
  readonly calibration: CalibrationReport | null;
  readonly effect: PreLayerNormEffect | null;
  readonly verdict: JudgedPreLayerNorm | null;
  readonly skipped: readonly SkippedPicture[];
  readonly notes: readonly string[];
}

interface FoundEmbedding {
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

interface CalibrationReport extends Omit<EmbeddingChange, "predicted"> {
  readonly images: number;
  readonly patches: number;
  readonly r2: number | null;
  readonly epsilon: number;
  /** Initializers with γ and β; null where there is no such normalization. */
  readonly before: { readonly scale: string; readonly bias: string } | null;
  readonly after: { readonly scale: string; readonly bias: string } | null;
}

/**
 * @throws UsageError as `snellen fix kernel-padding`, `needs-images`; ModelError `no-patch-embedding`, `cannot-normalize-patches`; what
 *   opening models and images, and measuring, throws
 */
export async function fixPreLayerNorm(
  path: string,
  out: string,
  flags: PreLayerNormFlags,
  context: CommandContext,
): Promise<PreLayerNormReport> {
  const { terminal, signal } = context;
  const targets = mendedFiles(out, flags);
  await requireSeparateFiles(path, targets);
  const file = await openModelGraph(path);
  await using model = await openFileWithFlags(file, flags, terminal);
  const found = embeddingOf(model);
  const report = { version: VERSION, model: basename(path), mode: flags.mode };
  if (found.isPreNormalized) return { ...report, ...alreadyNormalized(found) };
  requireMode(found, flags.mode);
  requireImages(flags);
  const { images, skipped } = await measuredImages(model, { ...flags, seed: 0 }, terminal);
  const batch = batchOf(flags);
  const calibration = await calibratePreLayerNorm(model, found, images, {
    mode: flags.mode,
    batch,
    signal,
    onProgress: (done) => terminal.progress("calibrating", done),
  });
  const inserted = insertPreLayerNorm(model.info, found, calibration.norm);
  const again = saidBefore(terminal);
  await using mended = await openFileWithFlags({ ...file, model: inserted.model }, flags, again);
  const { predicted, ...change } = await measureEmbeddingChange(model, mended, images, {
    batch,
    signal,
    onProgress: (done) => terminal.progress("comparing", done),
  });
  await using corruptor = openCorruptor(flags, undefined);
  const effect = await measurePreLayerNormEffect({ before: model, after: mended, predicted }, images, {
    corruptor,
    batch,
    signal,
    onSkip: (picture) => terminal.warn(`not measured: ${skipReason(picture)}`),
    onProgress: (done) => terminal.progress("under corruptions", done),
  });
  signal.throwIfAborted();
  const { epsilon } = calibration.norm;
  const snippet = (name: string) => pytorchPreLayerNorm(inserted, { file: name, epsilon });
  const files = await writeMended(targets, inserted.model, snippet, file.readExternal);
  const { before, after, module } = inserted;
  const { norm: _, ...measured } = calibration;
  const whole: PreLayerNormReport = {
    ...report,
    files,
    embedding: { ...described(found), module },
    calibration: { ...measured, ...change, epsilon, before, after },
    effect,
    verdict: judgePreLayerNorm(effect),
    skipped,
    notes: [flags.snippet === undefined ? `${NEXT} --snippet pytorch writes it.` : NEXT],
  };
  await writeFileAtomic(targets.report, `${JSON.stringify(whole, null, 1)}\n`);
  return whole;
}

const NEXT =
  "Calibration is where training starts: fine-tune the model with your own training code; the PyTorch snippet makes the same change there.";

/** @throws ModelError `no-patch-embedding` */
function embeddingOf({ info }: OpenedModel): PatchEmbedding {
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

const alreadyNormalized = (found: PatchEmbedding) => ({
  files: [],
  embedding: described(found),
  calibration: null,
  effect: null,
  verdict: null,
  skipped: [],
  notes: ["Its patches are normalized before positions are added already: PreLayerNorm is there."],
});

/** @throws UsageError `needs-images` */
function requireImages({ images }: PreLayerNormFlags): void {
  if (images !== undefined) return;
  throw new UsageError("needs-images", "calibration needs pictures as the network is to see them.", {
    where: "--images",
    hint: "Write --images photos/.",
  });
}
