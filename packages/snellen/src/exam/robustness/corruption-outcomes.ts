// What a model makes of the fast subset of corruptions.
import { SIDES } from "../../corruptions/corrupt.ts";
import { createCorruptor } from "../../corruptions/corruptor.ts";
import { evenly } from "../../images/evenly.ts";
import type { SkippedImage } from "../../images/stream.ts";
import { CLEAN, conditionsOf } from "../../robustness/condition.ts";
import { createObservations } from "../../robustness/observations.ts";
import { runRobustness } from "../../robustness/run-robustness.ts";
import type { GatherContext, NoAnswer } from "../artifacts.ts";
import { type Examinee, type Outcomes, subjectOf } from "./exam-group.ts";
import { CORRUPTED_IMAGES, FAST_CORRUPTIONS, FAST_SEVERITIES, SEED } from "./fast-subset.ts";

/** @returns why there are none for networks of small inputs, and where no picture could be corrupted */
export async function corruptionOutcomes(
  examinee: Examinee,
  context: GatherContext,
): Promise<Outcomes | NoAnswer> {
  const { size } = examinee.model.info.preprocessing.spec;
  if (Math.min(...size) < SIDES.least)
    return {
      reason: `The input of ${size.join("x")} pixels is smaller than corruptions take, ${SIDES.least}x${SIDES.least}.`,
    };
  const { entries } = examinee.images;
  const subject = subjectOf(examinee);
  const conditions = conditionsOf(FAST_CORRUPTIONS, FAST_SEVERITIES);
  const observations = createObservations([subject], conditions, entries.length);
  const tensors = await run(subject, conditions, observations, { examinee, context });
  if (observations.count(subject.name, CLEAN) > 0) return { subject, observations };
  return {
    reason:
      tensors > 0
        ? "The images are preprocessed tensors; corruptions alter pictures."
        : "No image could be read.",
  };
}

/** @returns how many images were no pictures, which is no fault of theirs */
async function run(
  subject: Outcomes["subject"],
  conditions: ReturnType<typeof conditionsOf>,
  observations: Outcomes["observations"],
  { examinee, context }: { readonly examinee: Examinee; readonly context: GatherContext },
): Promise<number> {
  const { entries } = examinee.images;
  const { batch, signal, onProgress } = context;
  const { corruptor = createCorruptor() } = context;
  let tensors = 0;
  const onSkip = (skipped: SkippedImage): void => {
    if (skipped.error.code === "needs-pixels") tensors++;
    else context.onSkip?.(skipped);
  };
  const images = evenly([...entries.keys()], CORRUPTED_IMAGES);
  await runRobustness(
    { subjects: [subject], entries, images, conditions, seed: SEED, batch, at: "input" },
    {
      corruptor,
      observations,
      signal,
      onSkip,
      onProgress: (done) => onProgress?.(`${subject.name} under corruptions`, done),
    },
  );
  return tensors;
}
