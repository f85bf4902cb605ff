// Accuracy under the fast subset of corruptions, and what corruption takes of it, image by image.
import { lossKind, lossSeries, meanLoss } from "../../robustness/figures/losses.ts";
import { robustnessResult } from "../../robustness/figures/result.ts";
import type { ModelFigures } from "../../robustness/figures/result-types.ts";
import type { Maker, NoAnswer, Robustness } from "../artifacts.ts";
import { corruptedKeys, FAST_CORRUPTIONS, SEED } from "../robustness/fast-subset.ts";
import { outcomesOf, ownExaminee } from "../robustness/outcomes.ts";

/** The predictions, so that what hinders every run is told once and for all. */
export const robustness: Maker<"robustness", "predictions"> = {
  id: "robustness",
  needs: ["predictions"],
  async make(_, context): Promise<Robustness | NoAnswer> {
    const outcomes = await outcomesOf(ownExaminee(context), "corruptions", context);
    if ("reason" in outcomes) return outcomes;
    const { subject, observations } = outcomes;
    const { name } = context.images;
    const { models } = robustnessResult(observations, { images: { name, skipped: [] }, seed: SEED });
    const kind = lossKind(observations, subject.name);
    const lossUnder = (corruptions: readonly string[]) =>
      meanLoss(lossSeries(observations, subject.name, corruptedKeys(corruptions), kind), kind);
    return {
      figures: models[0] as ModelFigures,
      loss: { of: kind, ...lossUnder(FAST_CORRUPTIONS) },
      losses: FAST_CORRUPTIONS.map((corruption) => ({ corruption, ...lossUnder([corruption]) })),
    };
  },
};
