// Which of the models that were examined together breaks more, on the same pictures; and whether the abstract of arXiv:2111.08413 shows
// on a vision transformer and a convolutional network.
import { estimateText } from "../../report/estimate-text.ts";
import { type Estimate, mapEstimate } from "../../robustness/figures/estimates.ts";
import { type ClaimOutcome, MARGIN, type Standing, standing } from "../../robustness/figures/standing.ts";
import type { Contender, NoAnswer, PairedLosses, Rivalry, Rivals } from "../artifacts.ts";
import { type Audit, defineAudit } from "../audit.ts";
import type { Plot, Table } from "../result.ts";
import { type AbstractClaim, abstractClaim } from "../robustness/abstract-claim.ts";
import { intervalText } from "../robustness/loss-text.ts";
import { KIND_WORDS } from "../robustness/network-kind.ts";
import { pairedFigures } from "../robustness/paired-figures.ts";

export const rivals: Audit = defineAudit({
  id: "rivals",
  title: "It withstands altered pictures as well as the models beside it",
  failureTitle: "A model beside it withstands altered pictures better",
  inWords: {
    good: "Altered pictures cost this network no more right answers than the networks that were examined beside it.",
    informative:
      "Whether altered pictures cost this network more than the networks beside it could not be decided with these images.",
    attention: "Altered pictures cost this network more than a network that was examined beside it.",
    notApplicable:
      "There was no other network to compare this one with, or no altered picture that both could read.",
  },
  description: `What corruptions and contrast enhancement take from this model and from those examined with it, paired by image, in points of accuracy (without labels, of agreement with the clean picture's outcome). Up to ${100 * MARGIN} points more count as equal. Of vision transformers the paper says: as robust as convolutional networks or more under most corruptions, but severely worse under contrast enhancement.`,
  learnMore: "https://arxiv.org/abs/2111.08413",
  needs: ["rivals"],
  audit({ rivals: found }) {
    if ("reason" in found) return { verdict: "notApplicable", summary: found.reason };
    const { own, rivalries } = found;
    const measured = rivalries.filter((rivalry) => standingsOf(rivalry).length > 0);
    if (measured.length === 0) return { verdict: "notApplicable", summary: reasonsOf(rivalries).join(" ") };
    const plot = plotOf(found);
    return {
      verdict: verdictOf(measured.flatMap(standingsOf)),
      summary: rivalries.map((rivalry) => sentenceOf(own, rivalry)).join(" "),
      evidence: [
        ...measured.flatMap((rivalry) => tablesOf(own, rivalry)),
        ...(plot === undefined ? [] : [plot]),
      ],
      figures: pairedFigures(found),
    };
  },
});

const isMeasured = (losses: PairedLosses | NoAnswer): losses is PairedLosses => !("reason" in losses);

const lossesOf = ({ corruptions, contrast }: Rivalry): PairedLosses[] =>
  [corruptions, contrast].filter(isMeasured);

const reasonsOf = (rivalries: readonly Rivalry[]): string[] => [
  ...new Set(
    rivalries.flatMap(({ corruptions, contrast }) =>
      [corruptions, contrast].flatMap((losses) => (isMeasured(losses) ? [] : [losses.reason])),
    ),
  ),
];

const standingsOf = (rivalry: Rivalry): Standing[] =>
  lossesOf(rivalry).map(({ mean }) => standing(mean.difference));

function verdictOf(standings: readonly Standing[]): "good" | "attention" | "informative" {
  if (standings.includes("less-robust")) return "attention";
  return standings.includes("open") ? "informative" : "good";
}

function sentenceOf(own: Contender, rivalry: Rivalry): string {
  const { rival, corruptions, contrast } = rivalry;
  const head = `Beside ${rival.name} (${KIND_WORDS[rival.kind]}), this model (${KIND_WORDS[own.kind]}) loses`;
  const parts = [
    isMeasured(corruptions) ? moreText(corruptions, "corruptions") : undefined,
    isMeasured(contrast) ? moreText(contrast, "contrast enhancement") : undefined,
  ].filter((part) => part !== undefined);
  const missing = reasonsOf([rivalry]).map((reason) => ` ${reason}`);
  if (parts.length === 0) return `Beside ${rival.name} there is nothing to compare:${missing.join("")}`;
  const claim = abstractClaim(own, rivalry);
  return `${head} ${parts.join(", and ")}.${missing.join("")}${claim === undefined ? "" : ` ${claimText(claim)}`}`;
}

/** `less accuracy under corruptions by 4.7 points (95 % interval -2.2 to 11.6; 60 images)`. */
function moreText({ of, mean: { difference } }: PairedLosses, under: string): string {
  const { value, n } = difference;
  if (value === null) return `nobody knows what under ${under}, as no image is in both`;
  const isLess = value < 0;
  const { value: by, ...interval } = isLess ? mapEstimate(difference, (v) => -v) : difference;
  return `${isLess ? "less" : "more"} ${of} under ${under} by ${(100 * (by ?? 0)).toFixed(1)} points (${intervalText(interval)}; ${n} images)`;
}

const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  "more-robust": "it loses no more",
  "as-robust": "it loses no more",
  "less-robust": "it loses more",
  open: "the images do not tell",
};

const CLAIM_WORDS: Readonly<Record<ClaimOutcome, string>> = {
  holds: "holds on this pair",
  "does not hold": "does not hold on this pair",
  undecided: "is undecided on this pair",
};

const claimText = ({ outcome, most, contrast }: AbstractClaim): string =>
  `What the paper says of the two kinds ${CLAIM_WORDS[outcome]}: the vision transformer is as robust as the other under ${most.robust} of ${most.corruptions} corruptions and less under ${most.less}; under contrast enhancement ${STANDING_WORDS[contrast]}.`;

function tablesOf(own: Contender, { rival, corruptions, contrast }: Rivalry): Table[] {
  const made = (losses: PairedLosses | NoAnswer, what: string, part: string): Table[] =>
    isMeasured(losses) ? [tableOf(losses, { own, rival, what, part })] : [];
  return [
    ...made(corruptions, "corruptions", "corruption"),
    ...made(contrast, "contrast enhancement", "factor"),
  ];
}

interface Headings {
  readonly own: Contender;
  readonly rival: Contender;
  readonly what: string;
  readonly part: string;
}

function tableOf({ of, mean, each }: PairedLosses, { own, rival, what, part }: Headings): Table {
  const row = (name: string, { own, rival, difference }: PairedLosses["mean"]) => [
    name,
    estimateText(own),
    estimateText(rival),
    estimateText(difference),
    WHO_WORDS[standing(difference)],
  ];
  return {
    kind: "table",
    caption: `Points of ${of} lost under ${what}, with 95 % intervals and the images that they stand on`,
    columns: [
      { title: part },
      { title: `${own.name} (this model)` },
      { title: rival.name },
      { title: "this model loses more by" },
      { title: "this model is" },
    ],
    rows: [...each.map(({ name, ...pair }) => row(name, pair)), row("mean", mean)],
  };
}

const WHO_WORDS: Readonly<Record<Standing, string>> = {
  "more-robust": "as robust or more",
  "as-robust": "as robust or more",
  "less-robust": "less robust",
  open: "not to be told",
};

/** What is lost by factor, a line a model. */
function plotOf({ own, rivalries }: Rivals): Plot | undefined {
  const known = rivalries.flatMap(({ rival, contrast }) =>
    isMeasured(contrast) ? [{ rival, ...contrast }] : [],
  );
  const [first] = known;
  if (first === undefined) return undefined;
  const line = (name: string, each: PairedLosses["each"], of: "own" | "rival") => ({
    name,
    points: each.flatMap(({ name: factor, [of]: loss }): [number, number][] =>
      loss.value === null ? [] : [[Number(factor), 100 * loss.value]],
    ),
    style: "line" as const,
  });
  return {
    kind: "plot",
    caption: `Points lost by factor of contrast enhancement, on ${countText(known.map(({ mean }) => mean.difference))} images`,
    x: { title: "factor of the distance to the mean grey (1 is clean)" },
    y: { title: `points of ${first.of} lost` },
    series: [
      line(own.name, first.each, "own"),
      ...known.map(({ rival, each }) => line(rival.name, each, "rival")),
    ],
  };
}

function countText(estimates: readonly Estimate[]): string {
  const counts = estimates.map(({ n }) => n);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${least}` : `${least} to ${most}`;
}
