// Shows the original and the mended model the same pictures, clean and under the colour family of corruptions. The experiment of
// Kim et al., arXiv:2111.08413, on a model that calibration alone has changed.
import { SIDES } from "../../corruptions/corrupt.ts";
import type { Corruptor } from "../../corruptions/corruptor.ts";
import { selectCorruptions } from "../../corruptions/index.ts";
import type { ImageInput } from "../../images/image.ts";
import type { SkippedImage } from "../../images/stream.ts";
import { conditionsOf } from "../../robustness/condition.ts";
import { perImage } from "../../robustness/figures/image-scores.ts";
import { createObservations } from "../../robustness/observations.ts";
import { runRobustness } from "../../robustness/run-robustness.ts";
import { createSubject, observeAgreement, type Subject, wholeOutputs } from "../../robustness/subject.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { type PreLayerNormEffect, preLayerNormEffect } from "./effect.ts";

export interface ComparedModels {
  readonly before: VisionModel;
  readonly after: VisionModel;
  /** Classes that the original gives the clean pictures: what counts where no picture has a label. */
  readonly predicted: readonly number[];
}

export interface EffectOptions {
  readonly corruptor: Corruptor;
  /** Pictures run at a time. */
  readonly batch: number;
  readonly signal?: AbortSignal;
  readonly onSkip?: (skipped: SkippedImage) => void;
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/** The family, and ImageNet-C's own contrast, which takes contrast away. */
const CORRUPTIONS = ["colour", "contrast"] as const;

const NAMES = ["before", "after"] as const;

/**
 * Five severities each, corrupted at the size that the network sees, or, where that is too small to be corrupted, before.
 * @param images as they were read; preprocessed tensors are skipped
 * @throws what `runRobustness` throws
 */
export async function measurePreLayerNormEffect(
  compared: ComparedModels,
  images: readonly ImageInput[],
  { corruptor, batch, signal, onSkip, onProgress }: EffectOptions,
): Promise<PreLayerNormEffect> {
  const { subjects, of } = subjectsOf(compared, images);
  const conditions = conditionsOf(selectCorruptions(CORRUPTIONS).map(({ id }) => id));
  const observations = createObservations(subjects, conditions, images.length);
  await runRobustness(
    {
      subjects,
      entries: images.map((image) => ({ source: image.source, read: async () => image })),
      images: [...images.keys()],
      conditions,
      seed: 0,
      batch,
      at: Math.min(...compared.before.info.input.size) < SIDES.least ? "picture" : "input",
    },
    {
      corruptor,
      observations,
      onSkip: (skipped) => onSkip?.(skipped),
      ...(onProgress !== undefined && { onProgress }),
      ...(signal !== undefined && { signal }),
    },
  );
  const alike =
    subjects[0].outcome === "agreement" ? await likeness(subjects, images, batch, signal) : undefined;
  return preLayerNormEffect(observations, NAMES, of, alike);
}

type Subjects = readonly [Subject, Subject];

/** Both with the pictures' labels; without any, the original's clean predictions are what both should give. */
function subjectsOf(
  { before, after, predicted }: ComparedModels,
  images: readonly ImageInput[],
): { subjects: Subjects; of: PreLayerNormEffect["of"] } {
  const own = createSubject(NAMES[0], before, images);
  const isLabelled = own.labels.some((label) => label !== undefined);
  const labels = isLabelled ? own.labels : predicted;
  const first: Subject = { ...own, labels };
  const second: Subject = { ...first, name: NAMES[1], model: after };
  return { subjects: [first, second], of: isLabelled ? "accuracy" : "agreement" };
}

/** How alike the two models' outputs are for each clean picture, where these are no single class. */
async function likeness(
  [before, after]: Subjects,
  images: readonly ImageInput[],
  batch: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const found = new Map<number, number>();
  for (let first = 0; first < images.length; first += batch) {
    const shown = images.slice(first, first + batch).map((picture, i) => ({ image: first + i, picture }));
    const clean = await wholeOutputs(before, shown, signal);
    const others = await wholeOutputs(after, shown, signal);
    const byImage = new Map(shown.map(({ image }, i) => [image, clean[i] as Float32Array]));
    for (const { image, agreement } of observeAgreement(after, shown, others, byImage))
      found.set(image, agreement);
  }
  return perImage(images.length, (image) => found.get(image) ?? Number.NaN);
}
