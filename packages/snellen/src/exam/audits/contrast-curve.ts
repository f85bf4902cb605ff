// Whether accuracy stands as contrast grows. That vision transformers degrade severely under contrast enhancement: arXiv:2111.08413;
// what counts as moderate and as marked is derived here.
import { type Estimate, LEAST_IMAGES } from "../../robustness/figures/estimates.ts";
import type { ContrastRow } from "../artifacts.ts";
import { type Audit, defineAudit, type Finding } from "../audit.ts";
import { estimateFigure } from "../figure.ts";
import type { Figure, Plot } from "../result.ts";
import { intervalText, listText, percentText } from "../robustness/loss-text.ts";

/** Up to it, contrast grows no more than from a hazy to a clear day, and people read as before. */
const MODERATE = 2;
/** Parts of the clean accuracy whose loss counts as marked, and as breaking. */
const MARKED = 0.1;
const BREAKING = 0.5;

export const contrastCurve: Audit = defineAudit({
  id: "contrast-curve",
  title: "Stronger contrast leaves accuracy as it is",
  failureTitle: "Accuracy falls when contrast grows moderately",
  inWords: {
    good: "Stronger contrast, as from a hazy to a clear day, hardly costs the network any right answers.",
    attention:
      "Stronger contrast, as from a hazy to a clear day, already makes the network misread more images.",
    problem:
      "Stronger contrast, as from a hazy to a clear day, already makes the network misread most of what it reads otherwise.",
    informative:
      "The plot shows what stronger contrast does to the answers; whether it harms could not be decided with these images.",
    notApplicable: "The network could not be tried on pictures with stronger contrast.",
  },
  description:
    "Accuracy as every value moves away from the picture's mean grey by a factor. Vision transformers often fail here: the scale of embedded patches follows that of colours, but the positional embedding that is added to them does not.",
  learnMore: "https://arxiv.org/abs/2111.08413",
  needs: ["contrastCurve"],
  audit({ contrastCurve: rows }) {
    if ("reason" in rows) return { verdict: "notApplicable", summary: rows.reason };
    const isLabelled = rows.some(({ accuracy }) => accuracy.n > 0);
    const plot = plotOf(rows, isLabelled);
    return {
      ...(isLabelled ? judged(rows) : withoutLabels(rows)),
      evidence: [plot],
      figures: figuresOf(rows, isLabelled),
    };
  },
});

function judged(rows: readonly ContrastRow[]): Finding {
  const clean = rows[0]?.accuracy.value ?? 0;
  const { factor, accuracy, loss } = lowest(rows.filter(isModerate), ({ accuracy }) => accuracy);
  const strongest = rows.at(-1) as ContrastRow;
  const { value, n } = accuracy;
  const lost = loss.value ?? 0;
  const fall =
    lost > 0
      ? `falls to ${percentText(value ?? 0)} at factor ${factor} (lost: ${(100 * lost).toFixed(1)} points, ${intervalText(loss)}), the lowest up to ${MODERATE}`
      : `does not fall up to factor ${MODERATE}`;
  const numbers = `Accuracy of ${percentText(clean)} on ${n} labelled images ${fall}; at factor ${strongest.factor} it is ${percentText(strongest.accuracy.value ?? 0)}.`;
  if (n < LEAST_IMAGES)
    return {
      verdict: "informative",
      summary: `${numbers} Fewer than ${LEAST_IMAGES} images decide nothing.`,
    };
  if (clean === 0) return { verdict: "informative", summary: `${numbers} There is nothing to lose.` };
  if (lost <= MARKED * clean) return { verdict: "good", summary: numbers };
  if (loss.low === null || loss.low <= 0)
    return { verdict: "informative", summary: `${numbers} That may be chance.` };
  return { verdict: lost > BREAKING * clean ? "problem" : "attention", summary: numbers };
}

function withoutLabels(rows: readonly ContrastRow[]): Finding {
  const some = rows.filter(({ factor }) => factor === MODERATE || factor === rows.at(-1)?.factor);
  const parts = some.map(
    ({ factor, agreement }) => `${percentText(agreement.value ?? 0)} at factor ${factor}`,
  );
  return {
    verdict: "informative",
    summary: `Agreement with the clean picture's outcome: ${listText(parts)} (${rows[0]?.agreement.n ?? 0} images). Without labels, accuracy is unknown.`,
  };
}

function figuresOf(rows: readonly ContrastRow[], isLabelled: boolean): Figure[] {
  const strongest = rows.at(-1) as ContrastRow;
  const kind = isLabelled ? "accuracy" : "agreement";
  const moderate = lowest(rows.filter(isModerate), (row) => row[kind]);
  const words = isLabelled ? "accuracy" : "agreement with clean pictures";
  const higher = { unit: "%", better: "higher" } as const;
  const atStrongest = estimateFigure(
    { id: `${kind}-at-strongest`, name: `${words} at contrast factor ${strongest.factor}`, ...higher },
    strongest[kind],
    100,
  );
  const upTo = `up to contrast factor ${MODERATE}`;
  const atModerate = isLabelled
    ? estimateFigure(
        { id: "accuracy-lost", name: `accuracy lost ${upTo}`, unit: "points", better: "lower" },
        moderate.loss,
        100,
      )
    : estimateFigure({ id: "agreement", name: `least ${words} ${upTo}`, ...higher }, moderate.agreement, 100);
  return [atModerate, atStrongest];
}

const isModerate = ({ factor }: ContrastRow): boolean => factor > 1 && factor <= MODERATE;

const lowest = (rows: readonly ContrastRow[], of: (row: ContrastRow) => Estimate): ContrastRow =>
  rows.reduce((least, row) => ((of(row).value ?? 1) < (of(least).value ?? 1) ? row : least));

function plotOf(rows: readonly ContrastRow[], isLabelled: boolean): Plot {
  const of = ({ accuracy, agreement }: ContrastRow): Estimate => (isLabelled ? accuracy : agreement);
  const points = (pick: (estimate: Estimate) => number | null) =>
    rows.flatMap((row): [number, number][] => {
      const value = pick(of(row));
      return value === null ? [] : [[row.factor, 100 * value]];
    });
  const name = isLabelled ? "accuracy" : "agreement";
  return {
    kind: "plot",
    caption: `${isLabelled ? "Accuracy" : "Agreement with the clean picture's outcome"} by factor of contrast enhancement, with 95 % intervals; ${rows[0] === undefined ? 0 : of(rows[0]).n} images a point`,
    x: { title: "factor of the distance to the mean grey (1 is clean)" },
    y: { title: `${name} (%)` },
    series: [
      { name, points: points(({ value }) => value), style: "line" },
      { name: "lower end", points: points(({ low }) => low), style: "dashed" },
      { name: "upper end", points: points(({ high }) => high), style: "dashed" },
    ],
  };
}
