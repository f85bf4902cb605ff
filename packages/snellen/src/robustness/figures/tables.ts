// The result as tables in long form, for CSV files: columns and rows as data, whoever writes the file makes its text.
import type { Estimate } from "./estimates.ts";
import type { RobustnessResult } from "./result-types.ts";

/** A table for a CSV file. */
export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

const WITH_INTERVAL = ["", "_low", "_high"];
const ends = ({ value, low, high }: Estimate) => [value, low, high];
const named = (...names: readonly string[]) =>
  names.flatMap((name) => WITH_INTERVAL.map((end) => `${name}${end}`));

/** A row a model and condition; `clean` at severity 0. `labelled` is the n of accuracy, error, top5 and ece; `n` of the others. */
export const robustnessCsv = ({ models }: RobustnessResult): DataTable => ({
  columns: [
    "model",
    "corruption",
    "severity",
    "n",
    "labelled",
    ...named("accuracy"),
    "error",
    ...named("top5"),
    ...named("agreement"),
    "confidence",
    "ece",
    "ece_by_chance",
  ],
  rows: models.flatMap(({ name, conditions }) =>
    conditions.map((c) => [
      name,
      c.corruption ?? "clean",
      c.severity ?? 0,
      c.images,
      c.accuracy.n,
      ...ends(c.accuracy),
      c.error.value,
      ...ends(c.top5),
      ...ends(c.agreement),
      c.confidence,
      c.ece,
      c.eceByChance,
    ]),
  ),
});

const CORRUPTION_FIGURES = {
  error: "error",
  ce: "ce",
  relativeCe: "relative_ce",
  agreement: "agreement",
  flips: "flips",
  flipsFromClean: "flips_from_clean",
} as const;

/** A row a model, corruption and figure, means over severities. */
export const corruptionCsv = ({ models }: RobustnessResult): DataTable => ({
  columns: ["model", "corruption", "figure", "value", "low", "high", "n"],
  rows: models.flatMap(({ name, corruptions }) =>
    corruptions.flatMap((own) =>
      (Object.keys(CORRUPTION_FIGURES) as (keyof typeof CORRUPTION_FIGURES)[]).map((figure) => [
        name,
        own.corruption,
        CORRUPTION_FIGURES[figure],
        ...ends(own[figure]),
        own[figure].n,
      ]),
    ),
  ),
});

/** A row a model and figure, then a row two models and figure: first − second. */
export const summaryCsv = ({ models, comparisons }: RobustnessResult): DataTable => ({
  columns: ["model", "minus", "figure", "value", "low", "high", "n"],
  rows: [
    ...models.flatMap(({ name, summary: s }) =>
      figureRows(name, null, {
        clean_error: s.cleanError,
        mean_corruption_error: s.meanError,
        mean_corruption_accuracy: s.meanAccuracy,
        [s.mce.name]: s.mce,
        [s.relativeMce.name]: s.relativeMce,
        agreement: s.agreement,
        flips: s.flips,
        flips_from_clean: s.flipsFromClean,
        clean_ece: plain(s.ece.clean, s.ece.images),
        mean_corruption_ece: plain(s.ece.corrupted, s.ece.images),
      }),
    ),
    ...comparisons.flatMap((c) =>
      figureRows(c.first, c.second, {
        clean_error: c.cleanError,
        mean_corruption_error: c.meanError,
        [c.mce.name]: c.mce,
        [c.relativeMce.name]: c.relativeMce,
        agreement: c.agreement,
        ...Object.fromEntries(c.corruptions.map((own) => [`error ${own.corruption}`, own.error])),
      }),
    ),
  ],
});

const figureRows = (model: string, minus: string | null, figures: Readonly<Record<string, Estimate>>) =>
  Object.entries(figures).map(([figure, estimate]) => [model, minus, figure, ...ends(estimate), estimate.n]);

const plain = (value: number | null, n: number): Estimate => ({ value, low: null, high: null, n });
