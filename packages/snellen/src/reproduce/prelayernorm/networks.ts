// The networks of a data set as they are measured: those given, and each vision transformer with PreLayerNorm calibrated on other
// images, in every mode, without any training. Kim et al., arXiv:2111.08413; calibration derived here.
import type { Model } from "@snellen/graph";
import type { ImageInput, ImageLabel } from "../../images/image.ts";
import { type Source, skipReason, streamInOrder } from "../../images/stream.ts";
import { findPatchEmbedding } from "../../patch-embedding/find-patch-embedding.ts";
import type { PatchEmbedding, PatchEmbeddingSearch } from "../../patch-embedding/patch-embedding.ts";
import { calibratePreLayerNorm } from "../../patch-embedding/prelayernorm/calibrate-prelayernorm.ts";
import { insertPreLayerNorm } from "../../patch-embedding/prelayernorm/insert-prelayernorm.ts";
import { type PreLayerNormMode, preLayerNormModes } from "../../patch-embedding/prelayernorm/prelayernorm.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { type Refused, unlessRefused } from "../unless-refused.ts";
import type { DatasetResult, NetworkResult } from "./result.ts";

/** An image, and what is known of its class before it is read. */
export interface LabelledEntry extends Source<ImageInput> {
  readonly label: ImageLabel;
}

/** A network and the images that it is given. */
export interface PreLayerNormTrial {
  /** No two alike. */
  readonly name: string;
  /** Networks are compared within a data set, on the same images in the same order. */
  readonly dataset: string;
  readonly model: VisionModel;
  /** Labels are the model's own: another model may count classes otherwise. */
  readonly entries: readonly LabelledEntry[];
  /** Others, of the same data set, on which PreLayerNorm is calibrated. */
  readonly calibration: readonly Source<ImageInput>[];
  /** Opens the same file with a changed graph; the caller disposes of it. */
  readonly open: (model: Model) => Promise<VisionModel>;
}

export interface MeasuredNetwork
  extends Pick<NetworkResult, "name" | "kind" | "embedding" | "isPreNormalized" | "calibrated"> {
  readonly model: VisionModel;
  readonly entries: readonly LabelledEntry[];
}

/** What could not be used. */
export interface LeftOut {
  readonly refused: Refused[];
  readonly skipped: DatasetResult["skipped"][number][];
}

/**
 * @param leftOut gets what cannot be calibrated, and images to calibrate on that cannot be read, each once
 * @throws ImageError `no-readable-image` where none of a network's can be; what calibrating and opening throw
 */
export async function measuredNetworks(
  trials: readonly PreLayerNormTrial[],
  { refused, skipped }: LeftOut,
  signal: AbortSignal | undefined,
): Promise<MeasuredNetwork[]> {
  const networks: MeasuredNetwork[] = [];
  for (const trial of trials) {
    const found = findPatchEmbedding(trial.model.info);
    networks.push(asGiven(trial, found));
    if (!found.found || found.isPreNormalized) continue;
    const images = await calibrationImages(trial, skipped, signal);
    for (const mode of preLayerNormModes) {
      const name = `${trial.name}, ${mode}`;
      const made = await unlessRefused(name, refused, () =>
        calibrated(trial, found, { mode, images, signal }),
      );
      if (made !== undefined) networks.push(made);
    }
  }
  return networks;
}

const asGiven = (
  { name, model, entries }: PreLayerNormTrial,
  found: PatchEmbeddingSearch,
): MeasuredNetwork => ({
  name,
  model,
  entries,
  kind: found.found ? "vit" : "cnn",
  embedding: found.found ? embeddingText(found) : found.text,
  isPreNormalized: found.found && found.isPreNormalized,
  calibrated: null,
});

const embeddingText = ({ grid, pixels, width }: PatchEmbedding): string =>
  `${grid.join(" × ")} patches of ${pixels.join(" × ")} pixels, ${width} numbers each`;

async function calibrationImages(
  { calibration }: PreLayerNormTrial,
  skipped: LeftOut["skipped"],
  signal: AbortSignal | undefined,
): Promise<readonly ImageInput[]> {
  const images: ImageInput[] = [];
  const stream = streamInOrder(calibration, {
    signal,
    onSkip: (picture) => {
      // another network of the data set may have met it
      if (skipped.every(({ source }) => source !== picture.source))
        skipped.push({ source: picture.source, reason: skipReason(picture) });
    },
  });
  for await (const image of stream) images.push(image);
  return images;
}

interface CalibrationPlan {
  readonly mode: PreLayerNormMode;
  readonly images: readonly ImageInput[];
  readonly signal: AbortSignal | undefined;
}

async function calibrated(
  { name, model, entries, open }: PreLayerNormTrial,
  found: PatchEmbedding,
  { mode, images, signal }: CalibrationPlan,
): Promise<MeasuredNetwork> {
  const { norm, r2 } = await calibratePreLayerNorm(model, found, images, { mode, signal });
  return {
    name: `${name}, ${mode}`,
    model: await open(insertPreLayerNorm(model.info, found, norm).model),
    entries,
    kind: "vit",
    embedding: embeddingText(found),
    isPreNormalized: true,
    calibrated: { of: name, mode, r2, images: images.length },
  };
}
