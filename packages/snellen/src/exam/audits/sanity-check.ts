// Whether maps depend on what the network has learned: a map that survives random weights explains nothing.
import { camMethod } from "../../cam/methods/index.ts";
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
    const surviving = judged.filter(({ similarity }) => (similarity.at(-1) ?? 0) > SAME);
    const names = surviving.map(({ method }) => camMethod(method).title).join(", ");
    const summary =
      surviving.length === 0
        ? `With all ${layers} layers random, no method's map correlates with its own by more than ${SAME} (${images} images).`
        : `${names}: with all ${layers} layers random, ${surviving.length === 1 ? "its map still correlates" : "their maps still correlate"} with the network's by more than ${SAME} (${images} images).`;
    return {
      verdict: surviving.length === 0 ? "good" : "attention",
      summary,
      evidence: [sanityTable({ ...sanity, rows: judged })],
    };
  },
});
