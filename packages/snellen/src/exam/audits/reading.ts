// Does the network read the chart: its accuracy on the labelled images, and how pixels were prepared for it.

import type { ImagePrediction } from "../artifacts.ts";
import { type Audit, defineAudit, type Verdict } from "../audit.ts";
import { figure } from "../figure.ts";
import type { Table } from "../result.ts";

/** Below this multiple of chance, preprocessing or labels are wrong rather than the network weak. */
const CHANCE_FACTOR = 3;
const GOOD_TOP1 = 0.5;

const ACCURACY = {
  id: "accuracy",
  name: "accuracy on the labelled images",
  unit: "%",
  better: "higher",
} as const;

export const reading: Audit = defineAudit({
  id: "reading",
  title: "The network reads the images",
  failureTitle: "The network misreads many of the images",
  inWords: {
    good: "The network gets most of your labelled images right.",
    attention: "The network gets fewer of your labelled images right than one would want to rely on.",
    problem:
      "The network does little better than guessing, which mostly means that images are prepared in another way than in training, or that class names are in the wrong order.",
    informative: "The images come without labels, so how often the network is right is not known.",
  },
  description:
    "Accuracy on your own labelled images, with its uncertainty. Wrong preprocessing is the most common cause of a low figure, so what was used stands beside it.",
  learnMore: "https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval",
  needs: ["facts", "predictions", "accuracy"],
  audit({ facts, predictions, accuracy }) {
    const dense = facts.dense === undefined ? "" : ` ${facts.dense}`;
    const evidence = [tableOf(predictions, facts.labelNames)];
    if (accuracy === undefined) {
      return {
        verdict: "informative",
        summary: `No labels: ${predictions.length === 1 ? "1 image was" : `${predictions.length} images were`} read, accuracy is unknown. Put images into folders named after their classes to measure it.${dense}`,
        evidence,
      };
    }
    const { top1, top5, labelled, interval } = accuracy;
    const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
    const near = facts.classes > 2 && interval[1] < CHANCE_FACTOR / facts.classes;
    const verdict: Verdict = near ? "problem" : top1 < GOOD_TOP1 ? "attention" : "good";
    const fives = facts.classes > 5 ? `, ${percent(top5)} within five` : "";
    const summary = `${percent(top1)} of ${labelled} labelled images are read right (95 % interval ${percent(interval[0])} to ${percent(interval[1])})${fives}. Preprocessing: ${facts.preprocessing} (${facts.preprocessingOrigin}).${dense}`;
    return {
      verdict,
      summary: near
        ? `${summary} That is near chance: check preprocessing and the order of the labels.`
        : summary,
      evidence,
      figures: [
        {
          ...figure(ACCURACY, 100 * top1, [100 * interval[0], 100 * interval[1]]),
          outcomes: outcomesOf(predictions),
        },
      ],
      ...(near ? { remedy: "snellen inspect <model>" } : {}),
    };
  },
});

/** A character an image up to the last that was read: right, wrong, or not known. */
function outcomesOf(predictions: readonly ImagePrediction[]): string {
  const outcomes: string[] = [];
  for (const { index, label, top } of predictions)
    if (label !== undefined) outcomes[index] = top[0]?.classIndex === label ? "1" : "0";
  return Array.from(outcomes, (outcome) => outcome ?? "-").join("");
}

const SHOWN = 10;

function tableOf(predictions: readonly ImagePrediction[], names: readonly string[] | undefined): Table {
  const worst = [...predictions].sort((a, c) => a.confidence - c.confidence).slice(0, SHOWN);
  return {
    kind: "table",
    caption:
      "Images with the least probability of the true class, or, where it is not known, of the predicted one",
    columns: [
      { title: "image" },
      { title: "true class" },
      { title: "its probability", digits: 3 },
      { title: "predicted" },
      { title: "its probability", digits: 3 },
    ],
    rows: worst.map((p) => [
      p.source,
      p.label === undefined ? null : (names?.[p.label] ?? `class ${p.label}`),
      p.label === undefined ? null : p.confidence,
      p.top[0]?.name ?? null,
      p.top[0]?.probability ?? null,
    ]),
  };
}
