// Whether maps depend on what the network has learned: a map that survives random weights explains nothing.

import type { Interval } from "../../cam/measures/statistics.ts";
import { camMethod } from "../../cam/methods/index.ts";
import type { SanityRow } from "../../cam/sanity/sanity-study.ts";
import { sanityTable } from "../../report/scores.ts";
import { defineAudit } from "../audit.ts";

/** Mean |rank correlation| above which a map of a network without any learned weight counts as the same. */
const SAME = 0.5;

/** The control has random weights of its own; it says nothing about the network's. */
const CONTROL = "random-cam";

export const sanityCheck = defineAudit({
  id: "sanity-check",
  title: "Heat maps change with the network's weights",
  failureTitle: "Some heat maps survive random weights",
  inWords: {
    good: "Heat maps change once the network forgets what it has learned, so they do show what it has learned.",
    attention:
      "Some kinds of heat map stay nearly the same when the network forgets what it has learned, so do not explain its answers with these.",
    informative:
      "Most heat maps change once the network forgets what it has learned; for some, a few pictures do not decide it.",
    notApplicable: "There is no heat map to draw, or nothing learned that could be forgotten.",
  },
  description:
    "Weights are replaced by random ones, layer after layer from the scores downwards. A map that stays as it was shows edges of the picture, not what the network has learned.",
  learnMore: "https://arxiv.org/abs/1810.03292",
  needs: ["sanity"],
  audit({ sanity }) {
    if (sanity === undefined)
      return {
        verdict: "notApplicable",
        summary: "The network has no feature layer, or no weights to randomize.",
      };
    const { rows, layers, images } = sanity;
    const judged = rows.filter(({ method }) => method !== CONTROL);
    const surviving = judged.filter((row) => rangeOf(row)[0] > SAME);
    const open = judged.filter((row) => rangeOf(row)[0] <= SAME && rangeOf(row)[1] > SAME);
    const found = [...survivingText(surviving), ...openText(open)];
    const none = `no method's map correlates with its own by more than ${SAME}`;
    const on = `${images} ${images === 1 ? "image" : "images"}`;
    return {
      verdict: surviving.length > 0 ? "attention" : open.length > 0 ? "informative" : "good",
      summary: `With all ${layers} layers random, ${found.length === 0 ? none : found.join("; ")} (${on}).`,
      evidence: [sanityTable({ ...sanity, rows: judged })],
    };
  },
});

/** Where the correlation lies with all weights random, 95 %; a single image's is taken as it is. */
function rangeOf({ similarity, interval }: SanityRow): Interval {
  const mean = similarity.at(-1) ?? 0;
  return interval ?? [mean, mean];
}

const titles = (rows: readonly SanityRow[]): string =>
  rows.map(({ method }) => camMethod(method).title).join(", ");

const survivingText = (rows: readonly SanityRow[]): string[] =>
  rows.length === 0
    ? []
    : [
        `${rows.length === 1 ? "the map" : "the maps"} of ${titles(rows)} still ${rows.length === 1 ? "correlates" : "correlate"} with the network's by more than ${SAME}`,
      ];

/** The one nearest to the threshold, and how many more. */
function openText(rows: readonly SanityRow[]): string[] {
  const away = (row: SanityRow) => Math.abs((row.similarity.at(-1) ?? 0) - SAME);
  const [nearest, ...others] = [...rows].sort((a, b) => away(a) - away(b));
  if (nearest === undefined) return [];
  const [low, high] = rangeOf(nearest).map((end) => end.toFixed(2));
  const [more, correlate] =
    others.length === 0 ? ["", "correlates"] : [` and of ${others.length} more`, "correlate"];
  return [
    `so few images do not decide whether the map of ${titles([nearest])} (${nearest.similarity.at(-1)?.toFixed(2)} [${low}, ${high}])${more} ${correlate} with the network's by more than ${SAME}`,
  ];
}
