// How uneven R of the score is over pixels, in one number: L1 over the mean of R. Kim et al., arXiv:2108.13576, section 4.
import type { TrainingPictures } from "../../datasets/pictures/training-pictures.ts";
import { deadPixelIndices } from "../../receptive-field/dead-pixels/dead-pixel-indices.ts";
import { accumulation } from "../../receptive-field/effective/accumulation.ts";
import { type FieldSum, fieldMapOf } from "../../receptive-field/effective/field-sum.ts";
import { labelledOrPredicted, runFields } from "../../receptive-field/effective/run-fields.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { openTrained, sourcesOf } from "../trained-networks.ts";
import type { TrainingStudy } from "../training-study.ts";

/** Images run at a time. */
export const FIELD_BATCH = 50;

/** @returns null where R is zero everywhere */
export async function scoreUnevenness(
  info: DescribedModel,
  pictures: TrainingPictures,
  { bench, signal }: { readonly bench: TrainingStudy<unknown>["bench"]; readonly signal?: AbortSignal },
): Promise<number | null> {
  await using model = openTrained(info, bench);
  const plan = {
    layers: [],
    target: labelledOrPredicted(info),
    accumulation: accumulation("dead-pixels"),
  };
  const { sums } = await runFields(model, plan, sourcesOf(pictures), { batch: FIELD_BATCH, signal });
  return deadPixelIndices(fieldMapOf(sums[0] as FieldSum)).l1Normalized ?? null;
}
