// Accuracy of the open model under corruptions, over the images that are there.
import {
  conditionsOf,
  createCorruptor,
  createObservations,
  createSubject,
  evenly,
  type RobustnessResult,
  robustnessResult,
  runRobustness,
  type Severity,
  selectCorruptions,
  skipReason,
} from "snellen/web";
import type { Handler, StepProgress } from "../handler.ts";

export interface RobustnessArgs {
  /** Ids of corruptions and names of sets. */
  readonly corruptions: readonly string[];
  readonly severities: readonly Severity[];
  /** At most so many images, evenly over all. */
  readonly n: number;
  readonly seed: number;
}

const BATCH = 8;

/** The network's own size is what is corrupted, as in ImageNet-C. */
export const robustness: Handler<RobustnessArgs, RobustnessResult, StepProgress> = async (
  { corruptions, severities, n, seed },
  { opened, signal, progress },
) => {
  const { bytes, vision } = opened.model();
  const { name } = opened.images;
  const entries = evenly(opened.images.entries, n);
  const subject = createSubject(
    bytes.name,
    vision,
    entries.map(({ label }) => label),
  );
  const conditions = conditionsOf(
    selectCorruptions(corruptions).map(({ id }) => id),
    severities,
  );
  const observations = createObservations([subject], conditions, entries.length);
  const skipped: { source: string; reason: string }[] = [];
  await using corruptor = createCorruptor();
  await runRobustness(
    {
      subjects: [subject],
      entries,
      images: [...entries.keys()],
      conditions,
      seed,
      batch: BATCH,
      at: "input",
    },
    {
      corruptor,
      observations,
      signal,
      onSkip: (picture) => skipped.push({ source: picture.source, reason: skipReason(picture) }),
      onProgress: (done) => progress({ step: "robustness", done }),
    },
  );
  return robustnessResult(observations, { images: { name, skipped }, seed });
};
