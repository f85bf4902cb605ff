// Accuracy under the fast subset of corruptions, and what corruption takes of it, image by image.
import { robustnessResult } from "../../robustness/result.ts";
import type { ModelFigures } from "../../robustness/result-types.ts";
import type { Maker, NoAnswer, Robustness } from "../artifacts.ts";
import { FAST_CORRUPTIONS, SEED } from "../robustness/fast-subset.ts";
import { corruptedKeys, lossKind, lossSeries, meanLoss } from "../robustness/losses.ts";
import { outcomesOf, ownExaminee } from "../robustness/outcomes.ts";

/** The predictions, so that what hinders every run is told once and for all. */
export const robustness: Maker<"robustness", "predictions"> = {
  id: "robustness",
  needs: ["predictions"],
  async make(_, context): Promise<Robustness | NoAnswer> {
    const outcomes = await outcomesOf(ownExaminee(context), "corruptions", context);
    if ("reason" in outcomes) return outcomes;
    const { name } = context.images;
    const { models } = robustnessResult(outcomes.observations, { images: { name, skipped: [] }, seed: SEED });
    const kind = lossKind(outcomes);
    const lossUnder = (corruptions: readonly string[]) =>
      meanLoss(lossSeries(outcomes, corruptedKeys(corruptions), kind));
    return {
      figures: models[0] as ModelFigures,
      loss: { of: kind, ...lossUnder(FAST_CORRUPTIONS) },
      losses: FAST_CORRUPTIONS.map((corruption) => ({ corruption, ...lossUnder([corruption]) })),
    };
  },
};
