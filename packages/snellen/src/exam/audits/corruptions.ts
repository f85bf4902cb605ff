// Whether the network still reads pictures that were corrupted, by a fast subset of ImageNet-C (Hendrycks & Dietterich 2019,
// arXiv:1903.12261); what counts as much is derived here.
import { estimateText } from "../../report/estimate-text.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";
import type { ConditionFigures, ModelFigures } from "../../robustness/figures/result-types.ts";
import type { Robustness } from "../artifacts.ts";
import { type Audit, defineAudit, type Finding } from "../audit.ts";
import { estimateFigure } from "../figure.ts";
import type { Bars, Figure, Table } from "../result.ts";
import { intervalText, listText, percentText } from "../robustness/loss-text.ts";

/**
 * Parts of its clean accuracy that a network may lose. A plain ResNet-50 loses about half on ImageNet-C (76 % to 39 %), where most
 * was no concern when it was trained: to lose more is to break, and half of that is what robust networks lose. Derived here.
 */
const MUCH = 0.5;
const LITTLE = 0.25;
/** Times chance: a network that reads clean pictures no better has little to lose. */
const READS = 2;

export const corruptions: Audit = defineAudit({
  id: "corruptions",
  title: "Noise, blur, weather and compression take little of the accuracy",
  failureTitle: "Corrupted pictures are misread",
  inWords: {
    good: "Noise, blur, fog and compression make the network misread few more images.",
    attention:
      "Noise, blur, fog or compression make the network misread clearly more images, as bad cameras and weather may.",
    problem:
      "Noise, blur, fog or compression make the network misread most of what it reads in clean pictures.",
    informative:
      "Noise, blur, fog and compression change some answers; whether that is too many could not be decided with these images.",
    notApplicable: "The network could not be tried on noisy, blurred, foggy or compressed pictures.",
  },
  description:
    "Accuracy under five corruptions of ImageNet-C, one of each kind, at severities 3 and 5: what cameras, weather and storage do to pictures. A network that was trained on clean pictures alone often fails where people see no difference.",
  learnMore: "https://arxiv.org/abs/1903.12261",
  needs: ["robustness"],
  audit({ robustness }) {
    if ("reason" in robustness) return { verdict: "notApplicable", summary: robustness.reason };
    return {
      ...(robustness.loss.of === "accuracy" ? judgedByLoss(robustness) : withoutLabels(robustness)),
      evidence: evidenceOf(robustness),
      figures: [figureOf(robustness)],
      remedy: "snellen robustness <model> --images <folder> --corruptions all",
    };
  },
});

function judgedByLoss(robustness: Robustness): Finding {
  const { figures, loss } = robustness;
  const { meanError, cleanError } = figures.summary;
  const clean = 1 - (cleanError.value ?? 0);
  const worst = worstOf(robustness);
  const fall = `Accuracy falls from ${percentText(clean)} to ${percentText(1 - (meanError.value ?? 0))}, the mean over ${partsText(figures)} (lost: ${pointsText(loss.value)} points, ${intervalText(loss)}; ${loss.n} labelled images); the most under ${worst.corruption}: ${pointsText(worst.value)} points.`;
  const chance = figures.classes === null ? 0 : 1 / figures.classes;
  if (clean <= READS * chance)
    return {
      verdict: "informative",
      summary: `${fall} It reads clean pictures hardly better than chance, so that there is little to lose.`,
    };
  return verdictOf(loss, clean, fall);
}

/** By where the interval of what is lost lies, in parts of the clean accuracy. */
function verdictOf({ low, high }: Estimate, clean: number, fall: string): Finding {
  if (low === null || high === null) return { verdict: "informative", summary: fall };
  if (low > MUCH * clean)
    return { verdict: "problem", summary: `${fall} That is more than half of what it read clean.` };
  if (low > LITTLE * clean)
    return { verdict: "attention", summary: `${fall} That is more than a quarter of what it read clean.` };
  if (high <= LITTLE * clean) return { verdict: "good", summary: fall };
  return {
    verdict: "informative",
    summary: `${fall} Whether that is more than a quarter of what it read clean, more images must tell.`,
  };
}

function withoutLabels(robustness: Robustness): Finding {
  const { figures, loss } = robustness;
  const what =
    figures.outcome === "class"
      ? `${percentText(loss.value ?? 0)} of the predictions change`
      : `Outputs keep an agreement of ${percentText(1 - (loss.value ?? 0))} with the clean picture's`;
  const worst = worstOf(robustness);
  const most = figures.outcome === "class" ? worst.value : 1 - (worst.value ?? 0);
  return {
    verdict: "informative",
    summary: `${what}, the mean over ${partsText(figures)} (${loss.n} images); worst under ${worst.corruption}: ${percentText(most ?? 0)}. Without labels, accuracy is unknown.`,
  };
}

function figureOf({ figures: { summary }, loss }: Robustness): Figure {
  const head = { unit: "%", better: "higher" } as const;
  return loss.of === "accuracy"
    ? estimateFigure(
        { id: "accuracy", name: "accuracy under corruptions", ...head },
        summary.meanAccuracy,
        100,
      )
    : estimateFigure(
        { id: "agreement", name: "agreement with clean pictures under corruptions", ...head },
        summary.agreement,
        100,
      );
}

const pointsText = (value: number | null): string => (100 * (value ?? 0)).toFixed(1);

const worstOf = ({ losses }: Robustness) =>
  losses.reduce((worst, own) => ((own.value ?? 0) > (worst.value ?? 0) ? own : worst));

/** `5 corruptions at severities 3 and 5`. */
const partsText = ({ corruptions }: ModelFigures): string =>
  `${corruptions.length} corruptions at severities ${listText(severitiesOf(corruptions))}`;

const severitiesOf = (corruptions: ModelFigures["corruptions"]): number[] =>
  [...new Set(corruptions.flatMap(({ severities }) => severities))].sort((a, b) => a - b);

function evidenceOf({ figures, loss }: Robustness): (Table | Bars)[] {
  const isLabelled = loss.of === "accuracy";
  const what = isLabelled ? "Accuracy" : "Agreement with the clean picture";
  return [
    tableOf(figures, what, ({ accuracy, agreement }) => (isLabelled ? accuracy : agreement)),
    barsOf(figures, isLabelled),
  ];
}

function tableOf(
  { conditions, corruptions, summary: { cleanError } }: ModelFigures,
  what: string,
  of: (figures: ConditionFigures) => Estimate,
): Table {
  const severities = severitiesOf(corruptions);
  const clean = conditions.find(({ corruption }) => corruption === null);
  const cellOf = (id: string, severity: number): string => {
    const found = conditions.find((c) => c.corruption === id && c.severity === severity);
    return found === undefined ? "–" : estimateText(of(found));
  };
  const cleanText = cleanError.n > 0 && clean !== undefined ? `; clean: ${estimateText(clean.accuracy)}` : "";
  return {
    kind: "table",
    caption: `${what} (%) with its 95 % interval and the images that it stands on${cleanText}`,
    columns: [{ title: "corruption" }, ...severities.map((severity) => ({ title: `severity ${severity}` }))],
    rows: corruptions.map(({ corruption }) => [
      corruption,
      ...severities.map((severity) => cellOf(corruption, severity)),
    ]),
  };
}

function barsOf({ corruptions, summary: { cleanError } }: ModelFigures, isLabelled: boolean): Bars {
  const bar = (label: string, { value, low, high }: Estimate, turn: (v: number) => number) => ({
    label,
    value: turn(value ?? 0),
    ...(low !== null &&
      high !== null && { low: Math.min(turn(low), turn(high)), high: Math.max(turn(low), turn(high)) }),
  });
  const hundredfold = (v: number) => 100 * v;
  const changed = (v: number) => 100 * (1 - v);
  return {
    kind: "bars",
    caption: `${isLabelled ? "Error" : "Distance from the clean picture's output"} by corruption, mean over severities, with 95 % intervals; ${corruptions[0]?.[isLabelled ? "error" : "agreement"].n ?? 0} images`,
    axis: isLabelled ? "error (%)" : "changed (%)",
    bars: [
      ...(isLabelled ? [bar("clean", cleanError, hundredfold)] : []),
      ...corruptions.map(({ corruption, error, agreement }) =>
        isLabelled ? bar(corruption, error, hundredfold) : bar(corruption, agreement, changed),
      ),
    ],
  };
}
