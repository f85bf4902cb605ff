// Which normalization scales L2 regularization should shrink and which it should leave, with what contradicts the rules.
// arXiv:2205.07260.
import type { GammaPlan, PlannedGamma } from "../../normalization/gammas/gamma-plan.ts";
import { GUIDELINES_TRIED } from "../../normalization/gammas/guidelines.ts";
import { ratioPlot } from "../../report/variance-ratios.ts";
import { type Audit, defineAudit } from "../audit.ts";
import type { Evidence, Table } from "../result.ts";

/** Rows of a table. */
const SHOWN = 12;

export const gammas: Audit = defineAudit({
  id: "gammas",
  title: "Rules on regularizing scales stand up to measurement",
  failureTitle: "Measurements contradict the rules for some scales",
  inWords: {
    informative:
      "If you train the network further, the table says which of its scaling weights to keep small and which to leave alone.",
    attention:
      "If you train the network further, do not follow the rules on its scaling weights blindly: measurements speak against some of them.",
    notApplicable: "The file has no scaling weights of the kind that this is about.",
  },
  description:
    "L2 regularization of a normalization's scale helps at the end of a residual branch and where a later normalization takes the scale out again, and hurts on shortcuts and before the head. It matters when the network is trained or fine-tuned.",
  learnMore: "https://arxiv.org/abs/2205.07260",
  needs: ["gammas", "normalizations"],
  audit({ gammas: plan, normalizations: { folded } }) {
    if (plan.gammas.length === 0)
      return {
        verdict: "notApplicable",
        summary:
          folded.folded > 0
            ? `No scale is left in the file: batch normalization was folded. ${folded.advice ?? ""}`.trim()
            : "No normalization of this model has a scale.",
      };
    const against = plan.gammas.filter(({ evidence }) => evidence?.agrees === false);
    const summary = `${countsText(plan.gammas)}${against.length === 0 ? "" : ` Measurements contradict the rule for ${against.length}: they are not to be believed blindly.`} ${GUIDELINES_TRIED}`;
    return {
      verdict: against.length > 0 ? "attention" : "informative",
      summary,
      evidence: evidenceOf(plan, against),
      remedy: "snellen gammas <model> --images <folder> --format pytorch > param_groups.py",
    };
  },
});

const TITLES = {
  "branch-last": "at the end of residual branches",
  shortcut: "on shortcuts",
  "scale-invariant": "without effect on the scores' scale",
  terminal: "before the head, or un-normalized",
} as const;

function countsText(all: readonly PlannedGamma[]): string {
  const parts = (decay: boolean): string => {
    const named = Object.entries(TITLES).flatMap(([category, title]) => {
      const some = all.filter((gamma) => gamma.category === category && gamma.decay === decay);
      return some.length === 0 ? [] : [`${some.length} ${title}`];
    });
    return named.length === 0 ? "none" : named.join(", ");
  };
  return `Of ${all.length} scales, regularize ${parts(true)}; leave ${parts(false)}.`;
}

function evidenceOf({ gammas: all, blocks }: GammaPlan, against: readonly PlannedGamma[]): Evidence[] {
  const plot = ratioPlot(blocks);
  return [
    ...(against.length > 0 ? [tableOf("Contradicted by the measurement", against)] : []),
    tableOf("Scales", all),
    ...(plot === undefined ? [] : [plot]),
  ];
}

const tableOf = (title: string, gammas: readonly PlannedGamma[]): Table => ({
  kind: "table",
  caption: `${title}${gammas.length > SHOWN ? `, the first ${SHOWN} of ${gammas.length}` : ""}`,
  columns: [
    { title: "parameter" },
    { title: "category" },
    { title: "regularize" },
    { title: "scores change when doubled", digits: 4 },
    { title: "why" },
  ],
  rows: gammas
    .slice(0, SHOWN)
    .map(({ parameter, category, decay, evidence, reason }) => [
      parameter,
      category,
      decay ? "yes" : "no",
      evidence?.scaleChange ?? null,
      reason,
    ]),
});
