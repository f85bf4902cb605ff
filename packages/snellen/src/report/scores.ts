// Parts of pages about measures of heat maps, which score tables, experiments and the exam share.
import { camMethod } from "../cam/methods/index.ts";
import type { Sanity } from "../cam/sanity/sanity-study.ts";
import { type ConfigurationScores, scoreBy } from "../cam/study.ts";
import type { Bars, Table } from "../exam/result.ts";

/** A measure as pages name it. */
export interface ScoreColumn {
  readonly id: string;
  readonly title: string;
  readonly better: "higher" | "lower";
}

/** Which way is better. */
export const arrow = (better: ScoreColumn["better"]): string => (better === "higher" ? "↑" : "↓");

/** Every configuration that has a value of the measure, with its interval, the best first. */
export function scoreBars(scores: readonly ConfigurationScores[], { id, title, better }: ScoreColumn): Bars {
  const sign = better === "higher" ? -1 : 1;
  const bars = scores
    .flatMap((own) => {
      const { mean, interval } = scoreBy(own, id) ?? {};
      return mean === undefined
        ? []
        : [{ label: own.configuration.name, value: mean, low: interval?.[0], high: interval?.[1] }];
    })
    .sort((a, b) => sign * (a.value - b.value));
  return { kind: "bars", caption: `${title} ${arrow(better)}, the best first`, axis: id, bars };
}

/** A row a method: how alike its maps stay, level by level. */
export const sanityTable = ({ layers, levels, rows }: Omit<Sanity, "images">): Table => ({
  kind: "table",
  caption: `Mean |rank correlation| of cells with those of the network whose last n of ${layers} weighted layers are random, with the interval of the last column over images`,
  columns: [
    { title: "method" },
    ...levels.map((n) => ({ title: n === layers ? `all ${n}` : `last ${n}`, digits: 2 })),
    { title: "95 %" },
  ],
  rows: rows.map(({ method, similarity, interval }) => [
    camMethod(method).title,
    ...similarity,
    interval?.map((end) => end.toFixed(2)).join(" to ") ?? null,
  ]),
});
