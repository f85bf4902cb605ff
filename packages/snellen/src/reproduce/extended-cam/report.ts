// What the experiment on Extended-CAM found, as a page: the paper's claims with a verdict each, then all numbers.
import { CONSERVATION, type ConfigurationScores, scoreBy } from "../../cam/study.ts";
import type { Table } from "../../exam/result.ts";
import type { Document, DocumentSection } from "../../report/document.ts";
import { shortNumber } from "../../report/number.ts";
import { arrow, scoreBars } from "../../report/scores.ts";
import { SIGNIFICANT } from "../claims-section.ts";
import type { Comparison, ExperimentResult, TrialResult } from "./experiment.ts";

/** The bound that the method is held to. */
const CONSERVED = 1e-3;

const own = "extended-cam";

/** The page of an experiment: a verdict on each claim and network, then tables and bars of all scores. */
export function extendedCamDocument(result: ExperimentResult): Document {
  const { trials, chosen, measures, seed } = result;
  const images = trials
    .map(({ name, images: n }) => `${name} (${n.development} + ${n.test} images)`)
    .join(", ");
  return {
    title: "Extended-CAM: what holds here",
    intro: [
      "Kim et al., arXiv:2001.05153, claim for Extended-CAM: Gaussian upsampling reflects what a cell sees; the map is conservative, on the scale of the score; its visualization is more accurate than those of earlier methods. Each claim was tested on the networks and images below. Only the abstract's claims are the paper's; the forms tested are derived in this project.",
      `Networks and images: ${images}. Extended-CAM's options were chosen on the first number of images, everything else is reported on the second. Seed ${seed}. Intervals are 95 % bootstrap intervals over images; p-values are of sign-flip tests on images in pairs, not corrected for the number of tests.`,
      `Chosen options: ${chosen.name}.`,
    ],
    sections: [claims(trials), ...trials.flatMap((trial) => sectionsOf(trial, measures))],
  };
}

function claims(trials: readonly TrialResult[]): DocumentSection {
  return {
    title: "The claims",
    text: trials.flatMap((trial) => [upsamplingClaim(trial), conservationClaim(trial), accuracyClaim(trial)]),
    evidence: [],
  };
}

type Outcome = "better" | "worse" | "undecided";

function outcomeOf({ difference: { mean, p }, better }: Comparison): Outcome | undefined {
  if (mean === undefined || p === undefined) return undefined;
  if (p >= SIGNIFICANT) return "undecided";
  return mean > 0 === (better === "higher") ? "better" : "worse";
}

function counted(comparisons: readonly Comparison[]): Record<Outcome, number> {
  const outcomes = comparisons.map(outcomeOf);
  const count = (outcome: Outcome) => outcomes.filter((o) => o === outcome).length;
  return { better: count("better"), worse: count("worse"), undecided: count("undecided") };
}

/** Holds where better outcomes outnumber worse ones, does not where it is the other way round. */
const verdict = ({ better, worse }: Record<Outcome, number>): string =>
  better > worse
    ? worse === 0
      ? "holds"
      : "holds for most"
    : better < worse
      ? "does not hold"
      : "is undecided";

const described = ({ better, worse, undecided }: Record<Outcome, number>): string =>
  `${better} better, ${worse} worse, ${undecided} undecided`;

const ofMeasures = (comparisons: readonly Comparison[]) =>
  comparisons.filter(({ measure }) => measure !== CONSERVATION.map);

function upsamplingClaim({ name, upsampling }: TrialResult): string {
  const all = counted(ofMeasures(upsampling));
  const extended = counted(ofMeasures(upsampling.filter(({ first }) => first === `${own} gaussian`)));
  return `${name}: that Gaussian upsampling is better than bilinear ${verdict(all)}: of all methods by all measures, ${described(all)}; of Extended-CAM's own maps, ${described(extended)}.`;
}

function conservationClaim({ name, scores }: TrialResult): string {
  const error = (configuration: string) =>
    scores
      .find(({ configuration: c }) => c.name === configuration)
      ?.scores.find(({ measure }) => measure === CONSERVATION.map)?.mean;
  const ours = error(`${own} gaussian`);
  const others = scores
    .filter(({ configuration: { method } }) => method !== own)
    .map(({ configuration }) => ({
      name: configuration.name,
      error: error(configuration.name) ?? Number.POSITIVE_INFINITY,
    }))
    .sort((a, b) => a.error - b.error);
  const holds = ours !== undefined && ours <= CONSERVED;
  return `${name}: that the map is conservative ${holds ? "holds" : "does not hold"}: mean error ${number(ours)} after upsampling; the nearest other, ${others[0]?.name}, ${number(others[0]?.error)}; with bilinear upsampling, ${number(error(`${own} bilinear`))}.`;
}

function accuracyClaim({ name, against }: TrialResult): string {
  const byMethod = new Map<string, Comparison[]>();
  for (const comparison of ofMeasures(against).filter(({ second }) => !second.startsWith(own)))
    byMethod.set(comparison.second, [...(byMethod.get(comparison.second) ?? []), comparison]);
  const all = counted([...byMethod.values()].flat());
  const ahead = [...byMethod].filter(([, list]) => {
    const { better, worse } = counted(list);
    return better > worse;
  });
  const behind = [...byMethod].filter(([, list]) => {
    const { better, worse } = counted(list);
    return better < worse;
  });
  const names = behind.map(([second]) => second).join(", ");
  return `${name}: that it is more accurate than earlier methods ${verdict(all)}: ahead of ${ahead.length} of ${byMethod.size} ways of making maps, behind ${behind.length}${names === "" ? "" : ` (${names})`}; in single comparisons ${described(all)}.`;
}

const number = (value: number | undefined): string => (value === undefined ? "unknown" : shortNumber(value));

function sectionsOf(trial: TrialResult, measures: ExperimentResult["measures"]): DocumentSection[] {
  const left = [
    ...trial.refused.map(({ name, reason }) => `Left out: ${name}, as ${reason}.`),
    ...trial.skipped.map(({ reason }) => `Skipped: ${reason}`),
  ];
  return [
    {
      title: `${trial.name}: scores on the test half`,
      text: left,
      evidence: [
        scoresTable(trial.scores, measures, "Mean [95 % interval]"),
        ...measures.map((m) => scoreBars(trial.scores, m)),
      ],
    },
    {
      title: `${trial.name}: Extended-CAM (Gaussian) against the others`,
      text: ["Mean difference over images in pairs; ▲ better, ▼ worse with p < 0.05, · undecided."],
      evidence: [comparisonTable(trial.against, measures)],
    },
    {
      title: `${trial.name}: Gaussian against bilinear upsampling`,
      text: ["Mean difference, Gaussian minus bilinear, of the same cells."],
      evidence: [comparisonTable(trial.upsampling, measures)],
    },
    {
      title: `${trial.name}: Extended-CAM's options on the development half`,
      text: [
        "Mean rank over the measures but average drop, which a map that covers everything wins; 1 is best.",
      ],
      evidence: [optionsTable(trial, measures)],
    },
  ];
}

const columnsOf = (measures: ExperimentResult["measures"]) => [
  ...measures.map(({ title, better }) => ({ title: `${title} ${arrow(better)}` })),
  { title: "Conservation error, upsampled ↓" },
];

const idsOf = (measures: ExperimentResult["measures"]): string[] => [
  ...measures.map(({ id }) => id),
  CONSERVATION.map,
];

function scoresTable(
  scores: readonly ConfigurationScores[],
  measures: ExperimentResult["measures"],
  caption: string,
): Table {
  return {
    kind: "table",
    caption,
    columns: [{ title: "" }, ...columnsOf(measures)],
    rows: scores.map((own) => [
      own.configuration.name,
      ...idsOf(measures).map((id) => {
        const { mean, interval } = scoreBy(own, id) ?? {};
        if (mean === undefined) return null;
        return interval === undefined
          ? number(mean)
          : `${number(mean)} [${number(interval[0])}, ${number(interval[1])}]`;
      }),
    ]),
  };
}

const MARKS: Readonly<Record<Outcome, string>> = { better: "▲", worse: "▼", undecided: "·" };

function comparisonTable(comparisons: readonly Comparison[], measures: ExperimentResult["measures"]): Table {
  const pairs = [...new Set(comparisons.map(({ first, second }) => `${first}\n${second}`))];
  return {
    kind: "table",
    caption: "Difference and whether it is chance",
    columns: [{ title: "against" }, ...columnsOf(measures)],
    rows: pairs.map((pair) => {
      const [first, second] = pair.split("\n") as [string, string];
      return [
        second,
        ...idsOf(measures).map((id) => {
          const found = comparisons.find((c) => c.first === first && c.second === second && c.measure === id);
          const outcome = found && outcomeOf(found);
          return found === undefined || outcome === undefined
            ? null
            : `${MARKS[outcome]} ${number(found.difference.mean)} (p ${number(found.difference.p)})`;
        }),
      ];
    }),
  };
}

function optionsTable({ options, ranks }: TrialResult, measures: ExperimentResult["measures"]): Table {
  const rank = new Map(ranks.map((r) => [r.name, r.rank]));
  const sorted = [...options].sort(
    (a, b) => (rank.get(a.configuration.name) ?? 0) - (rank.get(b.configuration.name) ?? 0),
  );
  const table = scoresTable(sorted, measures, "Every combination of options, the best mean rank first");
  return {
    ...table,
    columns: [...table.columns, { title: "mean rank", digits: 2 }],
    rows: table.rows.map((row) => [...row, rank.get(String(row[0])) ?? null]),
  };
}
