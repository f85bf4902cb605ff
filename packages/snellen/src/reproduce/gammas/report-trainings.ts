// What trainings with every choice of γ to decay gave, as sections of the page: tables by choice, effective learning rates over
// epochs, and the comparisons network by network.
import type { Plot, Table } from "../../exam/result.ts";
import type { DocumentSection } from "../../report/document.ts";
import { meanOf } from "../claims-section.ts";
import { meanSpread } from "../mean-spread.ts";
import { headed } from "../report-cells.ts";
import type { DataFacts } from "../training-study.ts";
import type { GammaTrainingEffort } from "./train-gammas.ts";
import { DECAYED } from "./trained-networks.ts";
import { CLAIMS, type DecayedGammas, finding, type GammaTraining, settingOf } from "./trainings.ts";

/** What the page says of how networks were trained. Plain data. */
export interface TrainedOn {
  readonly data: DataFacts;
  readonly effort: GammaTrainingEffort;
  /** By network. */
  readonly recipes: readonly string[];
}

/** No sections where nothing was trained. */
export function trainingSections(
  runs: readonly GammaTraining[],
  on: TrainedOn | null,
  seed: number,
): DocumentSection[] {
  if (runs.length === 0 || on === null) return [];
  const settings = [...new Set(runs.map(settingOf))].map((name) => ({
    name,
    runs: runs.filter((run) => settingOf(run) === name),
  }));
  return [
    {
      title: "Trainings",
      text: [regime(on), ...on.recipes],
      evidence: [
        ...settings.map(choiceTable),
        ...settings.flatMap((setting) => [learningPlot(setting), ...ratePlot(setting)]),
      ],
    },
    {
      title: "Decay of one choice against another, network by network",
      text: [
        "Sign-flip tests over seeds; with fewer than six seeds no difference can reach p < 0.05. Where two choices come to the same γ they are one training, and all differences are 0.",
      ],
      evidence: [comparisonTable(settings, seed)],
    },
  ];
}

const regime = ({ data, effort }: TrainedOn): string =>
  `${effort.seeds} seeds of weights and order for each choice, ${effort.epochs} epochs of ${effort.train} pictures of ${data.name}, few so that regularization has something to do, and ${effort.test} others to judge by, the same for all, at the size that they have; weights of the last epoch; ± is the standard deviation over seeds. Weights always decay; γ that are named decay as they do, β never. Of one network, strength and seed all choices begin with the same weights and see the same pictures in the same order. Learning rates, strengths and lengths were chosen on other seeds. A category that a network has no γ of has no row. Effective learning rate: the highest learning rate over ‖γ‖², as the schedule is the same for all.`;

interface Setting {
  readonly name: string;
  readonly runs: readonly GammaTraining[];
}

const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((v) => v !== null && v !== undefined);

/** Trainings of each choice, in the order of choices. */
const byDecayed = (runs: readonly GammaTraining[]): (readonly [DecayedGammas, GammaTraining[]])[] =>
  DECAYED.map((id) => [id, runs.filter(({ decayed }) => decayed === id)] as const).filter(
    ([, own]) => own.length > 0,
  );

const choiceTable = ({ name, runs }: Setting): Table => ({
  kind: "table",
  caption: `${name}: trainings by the γ that decay`,
  columns: headed([
    "γ that decay",
    "accuracy, %",
    "test loss",
    "loss of the last epoch",
    "Var(F(x)) / Var(x)",
    "effective learning rate",
    "diverged",
  ]),
  rows: byDecayed(runs).map(([decayed, own]) => [
    decayed,
    meanSpread(
      own.map(({ accuracy }) => accuracy),
      { digits: 1, scale: 100 },
    ),
    meanSpread(known(own.map(({ testLoss }) => testLoss)), { digits: 3 }),
    meanSpread(known(own.map(({ losses }) => losses.at(-1))), { digits: 3 }),
    meanSpread(known(own.map(({ varianceRatio }) => varianceRatio)), { digits: 3 }),
    meanSpread(known(own.map((run) => run.effectiveRate)), { digits: 4 }),
    `${own.filter(({ isDiverged }) => isDiverged).length} of ${own.length}`,
  ]),
});

/** Means over seeds of a number of each epoch, where some seed has it. */
function curve(
  own: readonly GammaTraining[],
  { of, first }: { readonly of: (run: GammaTraining) => readonly (number | null)[]; readonly first: number },
): [number, number][] {
  const length = Math.max(...own.map((run) => of(run).length));
  return Array.from({ length }, (_, i) => [i + first, known(own.map((run) => of(run)[i]))] as const).flatMap(
    ([epoch, values]): [number, number][] => (values.length === 0 ? [] : [[epoch, meanOf(values)]]),
  );
}

const seriesOf = (runs: readonly GammaTraining[], numbers: Parameters<typeof curve>[1]): Plot["series"] =>
  byDecayed(runs).map(([decayed, own]) => ({
    name: decayed,
    style: decayed === "plan" || decayed === "none" ? ("line" as const) : ("dashed" as const),
    points: curve(own, numbers),
  }));

const learningPlot = ({ name, runs }: Setting): Plot => ({
  kind: "plot",
  caption: `${name}: loss of the training pictures, mean over seeds`,
  x: { title: "epoch" },
  y: { title: "loss", scale: "log" },
  series: seriesOf(runs, { of: ({ losses }) => losses, first: 1 }),
});

/** None where the network has no scale-invariant γ. */
function ratePlot({ name, runs }: Setting): Plot[] {
  const series = seriesOf(runs, { of: ({ effectiveRates }) => effectiveRates, first: 0 });
  if (series.every(({ points }) => points.length === 0)) return [];
  return [
    {
      kind: "plot",
      caption: `${name}: effective learning rate of the scale-invariant γ, mean over seeds`,
      x: { title: "epoch" },
      y: { title: "highest lr / ‖γ‖²", scale: "log" },
      series,
    },
  ];
}

const comparisonTable = (settings: readonly Setting[], seed: number): Table => ({
  kind: "table",
  caption: "Is it higher with the first, as claimed?",
  columns: headed(["network", "the first against the second", "verdict", "difference"]),
  rows: settings.flatMap(({ name, runs }) =>
    CLAIMS.flatMap(({ comparisons }) => comparisons).flatMap((comparison) => {
      const has = (decayed: DecayedGammas) => runs.some((run) => run.decayed === decayed);
      if (!has(comparison.first) || !has(comparison.second)) return [];
      const { subject, verdict, measured } = finding(comparison, runs, seed);
      return [[name, subject, verdict, measured]];
    }),
  ),
});
