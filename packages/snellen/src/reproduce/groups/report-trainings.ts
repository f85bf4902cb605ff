// What trainings with every choice of groups gave, as sections of the page: tables by choice, accuracy against gain, learning curves,
// and the advised groups against fixed ones network by network.
import type { Plot, Table } from "../../exam/result.ts";
import type { DocumentSection } from "../../report/document.ts";
import { shortNumber } from "../../report/number.ts";
import { meanOf } from "../claims-section.ts";
import { meanSpread } from "../mean-spread.ts";
import { headed } from "../report-cells.ts";
import type { DataFacts } from "../training-study.ts";
import type { GroupTrainingEffort } from "./train-groups.ts";
import {
  ADVISED,
  byChoice,
  type ChoiceMeans,
  comparison,
  FIXED,
  type GroupTraining,
  MEASURES,
  type Measure,
  meanDistance,
  networksOf,
} from "./trainings.ts";

/** What the page says of how networks were trained. Plain data. */
export interface TrainedOn {
  readonly data: DataFacts;
  readonly effort: GroupTrainingEffort;
  /** By network. */
  readonly recipes: readonly string[];
}

/** No sections where nothing was trained. */
export function trainingSections(
  runs: readonly GroupTraining[],
  on: TrainedOn | null,
  seed: number,
): DocumentSection[] {
  if (runs.length === 0 || on === null) return [];
  const networks = networksOf(runs).map((name) => ({
    name,
    choices: byChoice(runs.filter(({ network }) => network === name)),
  }));
  return [
    {
      title: "Trainings",
      text: [regime(on), ...on.recipes, favoured(runs, seed)],
      evidence: [
        ...networks.map(({ name, choices }) => choiceTable(name, choices)),
        ...(["distance", "distanceByVariance"] as const).map((of) => gainPlot(networks, of)),
        ...networks.map(({ name, choices }) => learningPlot(name, choices)),
      ],
    },
    againstSection(runs, seed),
  ];
}

const regime = ({ data, effort }: TrainedOn): string =>
  `${effort.seeds} seeds of weights and order for each choice; ${effort.train} pictures of ${data.name} to learn from and ${effort.test} others to judge by, the same for all, at the size that they have; weights of the last epoch; ± is the standard deviation over seeds. Of one network and seed all choices begin with the same weights and see the same pictures in the same order, at the same learning rates. Learning rates and lengths were chosen on other seeds. “Distance”: mean over layers but the first of |log gain|, measured before training on training pictures. The advice was measured on the network with 16 channels a group; it may differ from seed to seed. Where two choices come to the same groups they are one training.`;

/** Which convention trained better, as a sentence. */
function favoured(runs: readonly GroupTraining[], seed: number): string {
  const [first, second] = ADVISED;
  const told = (["accuracy", "speed"] as const).map((measure) => {
    const { verdict, measured } = comparison(runs, { first, second, measure }, seed);
    const whom = { holds: "norm", "does not hold": "variance" }[verdict as string] ?? "neither";
    return `by ${MEASURES[measure].unit}, ${whom} (${measured})`;
  });
  return `Which convention of the advice trains better: ${told.join("; ")}.`;
}

const groupsText = ({ runs }: ChoiceMeans): string => {
  const all = new Set(runs.map(({ groups }) => (new Set(groups).size === 1 ? groups[0] : groups.join("-"))));
  return [...all].slice(0, 2).join("; ") + (all.size > 2 ? `; ${all.size - 2} more` : "");
};

const ordered = (choices: readonly ChoiceMeans[]): ChoiceMeans[] =>
  [...choices].sort((a, b) => meanDistance(a, "distance") - meanDistance(b, "distance"));

const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((v) => v !== null && v !== undefined);

const choiceTable = (name: string, choices: readonly ChoiceMeans[]): Table => ({
  kind: "table",
  caption: `${name}: trainings by choice of groups`,
  columns: headed([
    "groups chosen",
    "groups",
    "distance by norm",
    "by variance",
    "accuracy, %",
    "loss of the first epoch",
    "of the last",
    "diverged",
  ]),
  rows: ordered(choices).map((choice) => {
    const { runs } = choice;
    const distance = (of: "distance" | "distanceByVariance"): string =>
      runs.some((run) => run[of] === null)
        ? "no gradient"
        : shortNumber(meanOf(runs.map((run) => run[of] ?? 0)));
    return [
      choice.choices.join(", "),
      groupsText(choice),
      distance("distance"),
      distance("distanceByVariance"),
      meanSpread(
        runs.map(({ accuracy }) => accuracy),
        { digits: 1, scale: 100 },
      ),
      meanSpread(known(runs.map(({ losses }) => losses[0])), { digits: 3 }),
      meanSpread(known(runs.map(({ losses }) => losses.at(-1))), { digits: 3 }),
      `${runs.filter(({ isDiverged }) => isDiverged).length} of ${runs.length}`,
    ];
  }),
});

interface Chosen {
  readonly name: string;
  readonly choices: readonly ChoiceMeans[];
}

const gainPlot = (networks: readonly Chosen[], of: "distance" | "distanceByVariance"): Plot => ({
  kind: "plot",
  caption: `Accuracy against the mean |log gain| by ${of === "distance" ? "norm" : "variance"}; choices without gradient left out`,
  x: { title: "mean |log gain| before training" },
  y: { title: "accuracy, %" },
  series: networks.map(({ name, choices }) => ({
    name,
    style: "points" as const,
    points: choices.flatMap((choice): [number, number][] =>
      choice.runs.some((run) => run[of] === null)
        ? []
        : [[meanDistance(choice, of), 100 * meanOf(choice.runs.map(({ accuracy }) => accuracy))]],
    ),
  })),
});

const learningPlot = (name: string, choices: readonly ChoiceMeans[]): Plot => ({
  kind: "plot",
  caption: `${name}: loss of the training pictures, mean over seeds`,
  x: { title: "epoch" },
  y: { title: "loss" },
  series: ordered(choices).map((choice) => ({
    name: choice.choices.join(", "),
    style: choice.choices.some((c) => c.startsWith("advised")) ? ("line" as const) : ("dashed" as const),
    points: Array.from(
      { length: Math.max(...choice.runs.map(({ losses }) => losses.length)) },
      (_, epoch) => {
        const losses = known(choice.runs.map((run) => run.losses[epoch]));
        return [epoch + 1, meanOf(losses)] as [number, number];
      },
    ),
  })),
});

function againstSection(runs: readonly GroupTraining[], seed: number): DocumentSection {
  const [norm, variance] = ADVISED;
  const pairs = [
    ...ADVISED.flatMap((first) => FIXED.map((second) => ({ first, second }))),
    { first: norm, second: variance },
  ];
  const table = (measure: Measure): Table => ({
    kind: "table",
    caption: `Does the first train better? By ${MEASURES[measure].unit}`,
    columns: headed(["network", "the first against the second", "verdict", "difference"]),
    rows: networksOf(runs).flatMap((name) => {
      const own = runs.filter(({ network }) => network === name);
      return pairs.map((pair) => {
        const { subject, verdict, measured } = comparison(own, { ...pair, measure }, seed);
        return [name, subject, verdict, measured];
      });
    }),
  });
  return {
    title: "Advised groups against fixed ones, network by network",
    text: [
      "Sign-flip tests over seeds; with fewer than six seeds no difference can reach p < 0.05. Where the advice is the fixed number all differences are 0.",
    ],
    evidence: [table("accuracy"), table("speed")],
  };
}
