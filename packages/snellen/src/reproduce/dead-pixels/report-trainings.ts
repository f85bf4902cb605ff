// The page's part on trainings: with and without padded kernels, and sizes of fields over networks that were trained alike.
import type { Plot, Table } from "../../exam/result.ts";
import type { DocumentSection } from "../../report/document.ts";
import { meanOf } from "../claims-section.ts";
import { meanSpread } from "../mean-spread.ts";
import { fewSeeds } from "../paired-trainings.ts";
import { headed, text } from "../report-cells.ts";
import type { DeadPixelExperiment } from "./experiment.ts";
import { type FamilyMember, type FamilyTraining, familyMembers } from "./family.ts";
import { LEARNED, RECIPES, type TrainingRegime } from "./training-effort.ts";
import type { TrainingRun, TrainingTask } from "./trainings.ts";

type Trained = Pick<DeadPixelExperiment, "trainings" | "family" | "regime">;

/** No sections where nothing was trained. */
export function trainingSections({ trainings, family, regime }: Trained): DocumentSection[] {
  if (regime === null) return [];
  return [
    ...(["micro-object", "classification"] as const).map((task) => paddingSection(task, trainings, regime)),
    familySection(family, regime),
  ];
}

const TITLES = {
  "micro-object": "Trainings on micro-objects",
  classification: "Trainings in general classification",
} as const satisfies Readonly<Record<TrainingTask, string>>;

function paddingSection(
  task: TrainingTask,
  all: readonly TrainingRun[],
  { data, effort }: TrainingRegime,
): DocumentSection {
  const runs = all.filter((run) => run.task === task);
  const { train, test, epochs } = effort.tasks[task];
  const shown =
    task === "micro-object"
      ? `pictures of ${effort.side} pixels with a box of 8, black or red, anywhere on a texture: ${train}`
      : `${train} pictures of ${data.name}`;
  const { batch, rate, schedule } = RECIPES[task];
  return {
    title: TITLES[task],
    text: [
      `Learned on ${shown}, judged on ${test} others, ${epochs} epochs, SGD with momentum in batches of ${batch}, learning rate ${rate} (${schedule}), weights of the last epoch. ${effort.seeds} seeds; of a seed both networks begin as the same function, with the same weights, and see the same pictures in the same order. The recipe was chosen on other seeds. Learned: ${100 * LEARNED} % of the test pictures; a network that never got there counts with the last epoch. L1 is of R of the score over ${effort.fieldImages} test pictures, over the mean of R. ± is the standard deviation over seeds.`,
      ...fewSeeds(effort.seeds),
      ...dropped(runs),
    ],
    evidence: [runTable(runs), runCurves(runs)],
  };
}

const dropped = (runs: readonly (TrainingRun | FamilyTraining)[]): string[] => {
  const own = runs.filter(({ diverged }) => diverged);
  return own.length === 0
    ? []
    : [`${own.length} of ${runs.length} trainings diverged: their accuracy counts as that of chance.`];
};

interface Kind {
  readonly name: string;
  readonly padded: boolean;
  readonly runs: readonly TrainingRun[];
}

const kindsOf = (runs: readonly TrainingRun[]): Kind[] =>
  [...new Set(runs.map(({ network }) => network))].flatMap((network) =>
    [false, true].map((padded) => ({
      name: `${network}${padded ? ", padded" : ""}`,
      padded,
      runs: runs.filter((run) => run.network === network && run.padded === padded),
    })),
  );

const known = (values: readonly (number | null | undefined)[]): number[] => values.filter((v) => v != null);

const runTable = (runs: readonly TrainingRun[]): Table => ({
  kind: "table",
  caption: "With and without padded kernels",
  columns: headed(["network", "epochs until learned", "learned by", "accuracy, %", "L1 before", "L1 after"]),
  rows: kindsOf(runs).map(({ name, runs: own }) => [
    name,
    own.every(({ learnedAt }) => learnedAt === null)
      ? null
      : meanSpread(
          own.map(({ learnedAt, epochs }) => learnedAt ?? epochs),
          { digits: 1 },
        ),
    `${own.filter(({ learnedAt }) => learnedAt !== null).length} of ${own.length} seeds`,
    meanSpread(
      own.map(({ accuracy }) => accuracy),
      { digits: 1, scale: 100 },
    ),
    meanSpread(known(own.map(({ L1Before }) => L1Before)), { digits: 3 }),
    meanSpread(known(own.map(({ L1Normalized }) => L1Normalized)), { digits: 3 }),
  ]),
});

const runCurves = (runs: readonly TrainingRun[]): Plot => ({
  kind: "plot",
  caption: "Accuracy on the test pictures by epoch, mean over seeds",
  x: { title: "epoch" },
  y: { title: "accuracy, %" },
  series: kindsOf(runs).map(({ name, padded, runs: own }) => ({
    name,
    style: padded ? ("line" as const) : ("dashed" as const),
    points: Array.from({ length: Math.max(0, ...own.map(({ curve }) => curve.length)) }, (_, epoch) => {
      const mean = meanOf(known(own.map(({ curve }) => curve[epoch])));
      return [epoch + 1, 100 * mean] as [number, number];
    }),
  })),
});

function familySection(
  trainings: readonly FamilyTraining[],
  { data, effort }: TrainingRegime,
): DocumentSection {
  const members = familyMembers(trainings);
  const { train, test, epochs, seeds } = effort.family;
  const { batch, rate, schedule } = RECIPES.classification;
  return {
    title: "Size of the field against accuracy, networks trained alike",
    text: [
      `Plain CNNs of two stages that halve their maps, ${train} pictures of ${data.name} to learn from and ${test} others to judge by, ${epochs} epochs, SGD with momentum in batches of ${batch}, learning rate ${rate} (${schedule}); ${seeds} seeds each, of which the means count. σ: of the effective field of the last map, by a Gaussian fitted to R over ${effort.fieldImages} test pictures after training. What larger fields come with, weights and layers, is not taken out.`,
      ...dropped(trainings),
    ],
    evidence: [
      {
        kind: "table",
        caption: "Sizes and accuracy",
        columns: headed(["network", "parameters", "theoretical size", "σ", "R² of the fit", "accuracy, %"]),
        rows: members.map((member) => memberRow(member, trainings)),
      },
      ...(["sigma", "theoretical"] as const).map((of) => sizePlot(members, of)),
    ],
  };
}

function memberRow({ network, parameters, theoretical }: FamilyMember, trainings: readonly FamilyTraining[]) {
  const own = trainings.filter((training) => training.network === network);
  return [
    network,
    parameters,
    text(theoretical),
    meanSpread(known(own.map(({ sigma }) => sigma)), { digits: 2 }),
    meanSpread(known(own.map(({ r2 }) => r2)), { digits: 2 }),
    meanSpread(
      own.map(({ accuracy }) => accuracy),
      { digits: 1, scale: 100 },
    ),
  ];
}

const sizePlot = (members: readonly FamilyMember[], of: "sigma" | "theoretical"): Plot => ({
  kind: "plot",
  caption: `Accuracy by ${of === "sigma" ? "σ of the effective field" : "theoretical size"}, networks trained alike`,
  x: { title: of === "sigma" ? "σ (pixels)" : "side (pixels)" },
  y: { title: "accuracy, %" },
  series: [
    {
      name: "networks",
      style: "points",
      points: members.flatMap(({ [of]: size, accuracy }): [number, number][] =>
        size === null ? [] : [[size, 100 * accuracy]],
      ),
    },
  ],
});
