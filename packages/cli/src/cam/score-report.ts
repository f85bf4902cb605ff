// The table of scores for the terminal, and the page with its plots.
import {
  arrow,
  CONSERVATION,
  type ConfigurationScores,
  type Document,
  type DocumentSection,
  defaultMeasures,
  EMPTY_MAPS,
  type Measure,
  type Sanity,
  type ScoreColumn,
  sanityTable,
  scoreBars,
  scoreBy,
} from "snellen";
import { tableText } from "../tables.ts";

interface Column extends ScoreColumn {
  readonly summary: string;
}

const ERRORS: readonly Column[] = [
  {
    id: CONSERVATION.cells,
    title: "Conservation error",
    better: "lower",
    summary: "|Σ cells − score| / |score|: how far the map is from being the score's distribution.",
  },
  {
    id: CONSERVATION.map,
    title: "Conservation error, upsampled",
    better: "lower",
    summary: "|Σ map − score| / |score| after upsampling and rectification.",
  },
  {
    id: EMPTY_MAPS,
    title: "Maps without positive evidence",
    better: "lower",
    summary: "Share of maps that hold nothing positive; they have no value in the other measures.",
  },
];

const columnsOf = (measures: readonly Measure[]): Column[] => [...measures, ...ERRORS];

const number = (value: number | undefined): string =>
  value === undefined ? "–" : Math.abs(value) >= 1000 ? value.toExponential(1) : value.toFixed(3);

/** Columns for which any configuration has a value. */
const known = (scores: readonly ConfigurationScores[], columns: readonly Column[]): Column[] =>
  columns.filter(({ id }) => scores.some((row) => scoreBy(row, id)?.mean !== undefined));

/** What a terminal has room for; the files have all. */
const SHOWN = 8;
const FIRST: readonly string[] = [...defaultMeasures.map(({ id }) => id), "road-combined", CONSERVATION.map];

/** Means with half their interval's width, as a table for the terminal: a row a configuration. */
export function scoreTable(scores: readonly ConfigurationScores[], measures: readonly Measure[]): string {
  const all = known(scores, columnsOf(measures));
  const columns = all.length <= SHOWN ? all : all.filter(({ id }) => FIRST.includes(id));
  const table = tableText(
    ["", ...columns.map(({ id, better }) => `${id.replaceAll("-", "\n")} ${arrow(better)}`)],
    scores.map((row) => [row.configuration.name, ...columns.map(({ id }) => withHalf(scoreBy(row, id)))]),
  );
  const rest = all.length - columns.length;
  return rest === 0 ? table : `${table}\n${rest} more measures are in the files.`;
}

function withHalf(score: ReturnType<typeof scoreBy>): string {
  const { mean, interval } = score ?? {};
  if (mean === undefined || interval === undefined) return number(mean);
  return `${number(mean)} ±${number((interval[1] - interval[0]) / 2)}`;
}

export interface ScoreReport {
  readonly model: string;
  readonly images: number;
  readonly measures: readonly Measure[];
  readonly scores: readonly ConfigurationScores[];
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  readonly sanity?: Sanity;
}

export function scoreDocument({ model, images, measures, scores, refused, sanity }: ScoreReport): Document {
  const columns = known(scores, columnsOf(measures));
  const table = {
    kind: "table" as const,
    caption: "Mean over the images. ↑ higher is better, ↓ lower is better.",
    columns: [
      { title: "" },
      ...columns.map(({ title, better }) => ({ title: `${title} ${arrow(better)}`, digits: 3 })),
    ],
    rows: scores.map((row) => [
      row.configuration.name,
      ...columns.map(({ id }) => scoreBy(row, id)?.mean ?? null),
    ]),
  };
  const left = refused.map(({ name, reason }) => `Left out: ${name}, as ${reason}.`);
  return {
    title: `Heat maps of ${model}, scored`,
    intro: [
      `${images} images, ${scores.length} ways of making maps. Intervals hold the mean with 95 % confidence (bootstrap over images).`,
      ...left,
    ],
    sections: [
      { title: "All measures", text: [], evidence: [table] },
      ...(sanity === undefined ? [] : [sanitySection(sanity)]),
      ...columns.map((column) => sectionOf(column, scores)),
    ],
  };
}

/** One measure: bars, the best first. */
const sectionOf = (column: Column, scores: readonly ConfigurationScores[]): DocumentSection => ({
  title: `${column.title} ${arrow(column.better)}`,
  text: [column.summary],
  evidence: [scoreBars(scores, column)],
});

const sanitySection = (sanity: Sanity): DocumentSection => ({
  title: "Sanity check ↓",
  text: [
    `Mean |rank correlation| of a method's cells with those of the network whose weights are random from the scores downwards, on ${sanity.images} images. A map that survives explains nothing (Adebayo et al., arXiv:1810.03292).`,
  ],
  evidence: [sanityTable(sanity)],
});
