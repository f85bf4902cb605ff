// Accuracy, and agreement with the clean picture, as contrast enhancement grows: what arXiv:2111.08413 finds vision transformers to
// fail at, measured of whatever network it is.
import { SCALE_FACTORS } from "../../patch-embedding/scale-families.ts";
import { CLEAN } from "../../robustness/condition.ts";
import { meanShare } from "../../robustness/figures/condition-figures.ts";
import { mapEstimate } from "../../robustness/figures/estimates.ts";
import { agreementWith, wrongOf } from "../../robustness/figures/image-scores.ts";
import { lossSeries, meanLoss } from "../../robustness/figures/losses.ts";
import type { ContrastRow, Maker, NoAnswer } from "../artifacts.ts";
import { factorKey } from "../robustness/contrast-outcomes.ts";
import type { Outcomes } from "../robustness/exam-group.ts";
import { outcomesOf, ownExaminee } from "../robustness/outcomes.ts";

/** Of a vision transformer, the rows of its patch embedding's measurement, which has them already. */
export const contrastCurve: Maker<"contrastCurve", "embeddingScale"> = {
  id: "contrastCurve",
  needs: ["embeddingScale"],
  async make({ embeddingScale }, context): Promise<readonly ContrastRow[] | NoAnswer> {
    if (!("reason" in embeddingScale))
      return embeddingScale.rows.filter(({ family }) => family === "contrast_enhancement");
    const outcomes = await outcomesOf(ownExaminee(context), "contrast", context);
    return "reason" in outcomes ? outcomes : SCALE_FACTORS.map((factor) => rowOf(outcomes, factor));
  },
};

function rowOf({ subject: { name }, observations }: Outcomes, factor: number): ContrastRow {
  const columns = observations.columns(name, factorKey(factor));
  return {
    factor,
    accuracy: mapEstimate(meanShare(wrongOf(columns)), (error) => 1 - error),
    agreement: meanShare(agreementWith(observations.columns(name, CLEAN), columns)),
    loss: meanLoss(lossSeries(observations, name, [factorKey(factor)], "accuracy"), "accuracy"),
  };
}
