// The page's part on trainings: vision transformers with and without PreLayerNorm, and a CNN, trained alike, under every corruption,
// along contrast enhancement, and what the scale of colours does to z₀.
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import type { Plot, Table } from "../../exam/result.ts";
import type { DocumentSection } from "../../report/document.ts";
import { meanOf } from "../claims-section.ts";
import { meanSpread } from "../mean-spread.ts";
import { fewSeeds } from "../paired-trainings.ts";
import { headed } from "../report-cells.ts";
import { largestRatioChange, leastCosine } from "./measured-training.ts";
import { corruptionTable, standingsText } from "./report-trained-corruptions.ts";
import { scalePlot, scaleTable } from "./report-trained-scales.ts";
import { type Kind, kindsOf, known, percent, styleOf } from "./trained-kinds.ts";
import { type PreLayerNormRegime, RECIPE } from "./training-effort.ts";
import type { PreLayerNormTraining } from "./trainings.ts";

/** No sections where nothing was trained. */
export function trainingSections(
  trainings: readonly PreLayerNormTraining[],
  regime: PreLayerNormRegime | null,
  seed: number,
): DocumentSection[] {
  if (regime === null) return [];
  const kinds = kindsOf(trainings);
  return [
    {
      title: "Trained alike",
      text: [regimeText(regime), ...fewSeeds(regime.effort.seeds), ...divergedText(trainings)],
      evidence: [summaryTable(kinds)],
    },
    {
      title: "Trained alike: under corruptions",
      text: [
        ...standingsText(trainings, seed),
        "Accuracy lost from the same pictures as they are, mean over the five severities. Differences are of what is lost, over pairs of one seed, with the p of a sign-flip test; nothing is corrected for their number.",
        ...(regime.isGrey
          ? ["The pictures are grey: corruptions of colour alone, such as saturate, change nothing."]
          : []),
      ],
      evidence: [corruptionTable(kinds, trainings, seed)],
    },
    {
      title: "Trained alike: along contrast enhancement",
      text: ["On the same pictures; factor 1 is the pictures as they are."],
      evidence: [curveTable(kinds), curvePlot(kinds)],
    },
    {
      title: "Trained alike: z₀ by the scale of colours",
      text: [
        `As above, on ${regime.effort.scaled} test pictures, mean over seeds. Where PreLayerNorm stands behind the projection, the ratio can hardly move; where it stands before, the projection's bias is what does not follow.`,
      ],
      evidence: [
        scaleTable(kinds, "ratio"),
        scaleTable(kinds, "cosine"),
        scalePlot(kinds, "ratio"),
        scalePlot(kinds, "cosine"),
      ],
    },
  ];
}

const regimeText = ({ data, side, effort }: PreLayerNormRegime): string =>
  `${effort.train} pictures of ${data.name} to learn from and ${effort.test} others to judge by, at ${side} × ${side} pixels; ${effort.epochs} epochs, AdamW in batches of ${RECIPE.batch}, highest learning rate ${RECIPE.rate} (a warm-up of ${RECIPE.warmup} epoch, then cosine), no augmentation, weights of the last epoch: the same for all, chosen on other seeds. ${effort.seeds} seeds; of a seed all see the same pictures in the same order, and transformers share their first weights. ${effort.corrupted} of the test pictures are corrupted, once for all networks. ± is the standard deviation over seeds.`;

const divergedText = (trainings: readonly PreLayerNormTraining[]): string[] => {
  const own = trainings.filter(({ diverged }) => diverged);
  return own.length === 0
    ? []
    : [`${own.length} of ${trainings.length} trainings diverged and were not measured under corruptions.`];
};

const summaryTable = (kinds: readonly Kind[]): Table => ({
  kind: "table",
  caption: "Accuracy, %",
  columns: headed([
    "network",
    "parameters",
    "seeds",
    "clean",
    "under ImageNet-C's corruptions",
    "under contrast enhancement",
    "|x| / |E_pos| changes at most, times",
    "least cosine of z₀",
  ]),
  rows: kinds.map(({ name, runs }) => [
    name,
    Math.max(...runs.map(({ parameters }) => parameters)),
    runs.length,
    percent(runs.map(({ accuracy }) => accuracy)),
    percent(runs.map(({ corrupted }) => corrupted)),
    percent(runs.map(({ enhanced }) => enhanced)),
    meanSpread(known(runs.map(largestRatioChange)), { digits: 2 }),
    meanSpread(known(runs.map(leastCosine)), { digits: 3 }),
  ]),
});

/** Of one training: accuracy by factor of contrast enhancement, clean pictures first. */
function curveOf({
  clean,
  corruptions,
}: PreLayerNormTraining): readonly [factor: number, accuracy: number][] {
  const own = corruptions.find(({ id }) => id === contrastEnhancement.id)?.accuracies ?? [];
  return clean === null
    ? []
    : [
        [1, clean],
        ...own.map((accuracy, i): [number, number] => [contrastEnhancement.levels[i] as number, accuracy]),
      ];
}

const FACTORS = [1, ...contrastEnhancement.levels];

const atFactor = ({ runs }: Kind, factor: number): number[] =>
  known(runs.map((run) => curveOf(run).find(([own]) => own === factor)?.[1]));

const curveTable = (kinds: readonly Kind[]): Table => ({
  kind: "table",
  caption: "Accuracy by factor of contrast enhancement, %",
  columns: headed(["network", ...FACTORS.map(String)]),
  rows: kinds.map((kind) => [kind.name, ...FACTORS.map((factor) => percent(atFactor(kind, factor)))]),
});

const curvePlot = (kinds: readonly Kind[]): Plot => ({
  kind: "plot",
  caption: "Accuracy by factor of contrast enhancement, trained alike",
  x: { title: "factor" },
  y: { title: "accuracy, %" },
  series: kinds.map((kind) => ({
    name: kind.name,
    style: styleOf(kind),
    points: FACTORS.flatMap((factor): [number, number][] => {
      const own = atFactor(kind, factor);
      return own.length === 0 ? [] : [[factor, 100 * meanOf(own)]];
    }),
  })),
});
