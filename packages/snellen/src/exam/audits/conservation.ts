// Whether a map's cells add up to the score that it claims to explain.
import { camMethod } from "../../cam/methods/index.ts";
import { type Audit, defineAudit, type Verdict } from "../audit.ts";
import { figure } from "../figure.ts";

/** A median error up to this is rounding and bias. Beyond it the explanation, not the network, is in doubt: no `problem`. */
const GOOD = 0.05;
/** The method whose promise conservation is. */
const CONSERVATIVE = "extended-cam";

const ERROR = {
  id: "error",
  name: "conservation error of Extended-CAM (median)",
  unit: "%",
  better: "lower",
} as const;

export const conservation: Audit = defineAudit({
  id: "conservation",
  title: "The heat map adds up to the score",
  failureTitle: "The heat map does not add up to the score",
  inWords: {
    good: "Heat maps account for the network's whole score, so nothing that speaks for an answer is missing from them.",
    attention:
      "Heat maps leave out part of what makes up the network's score, so take them for hints and not for the whole explanation.",
    notApplicable: "The network does not keep places of the image apart, so there is no heat map to check.",
  },
  description:
    "A conservative map distributes the score over the image: its cells sum to it, with neither redundancy nor deficiency. The error is |sum − score| / |score| before Extended-CAM spreads what has no position over all cells; other methods are shown beside it.",
  learnMore: "https://arxiv.org/abs/2001.05153",
  needs: ["facts", "conservation"],
  audit({ facts, conservation: rows }) {
    const own = rows.find((r) => r.method === CONSERVATIVE);
    if (own === undefined || own.errors.length === 0)
      return {
        verdict: "notApplicable",
        summary: "No value between the image and the scores has a spatial extent.",
      };
    const error = median(own.errors);
    const verdict: Verdict = error <= GOOD ? "good" : "attention";
    const cause =
      error <= GOOD
        ? ""
        : " The rest of the score comes from biases, and from what reaches the scores past this layer (class tokens, skip connections).";
    return {
      verdict,
      summary: `Extended-CAM at ${facts.layer}: median error ${format(error)} over ${own.errors.length} images.${cause}`,
      evidence: [
        {
          kind: "bars",
          caption: "Conservation error by method",
          axis: "median of |sum of cells − score| / |score|, in percent",
          bars: rows
            .map((r) => ({ label: camMethod(r.method).title, value: 100 * median(r.errors) }))
            .filter((bar) => Number.isFinite(bar.value)),
        },
      ],
      figures: [figure(ERROR, 100 * error)],
    };
  },
});

const format = (x: number): string => (x < 0.001 ? x.toExponential(1) : `${(100 * x).toFixed(1)} %`);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, c) => a - c);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
