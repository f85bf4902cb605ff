// The exams of several models side by side: comparison.json, comparison.html, and a compact table for the terminal.
import { basename, join } from "node:path";
import {
  type ComparedFigure,
  changeLabel,
  compareExams,
  comparisonHtml,
  type ExamComparison,
  figureText,
} from "snellen";
import { writeFileAtomic } from "snellen/node";
import { tableText } from "../tables.ts";
import type { Examined } from "./run-exams.ts";

/** Beside the models' folders. */
export const COMPARISON_FILES = ["comparison.json", "comparison.html"] as const;

/** Beside the table, what people need to know to read it. */
export interface WrittenComparison {
  readonly comparison: ExamComparison;
  readonly table: string;
}

/** Writes both files. @param examined the first is what the others are compared with; each in a folder of `out` */
export async function writeComparison(
  examined: readonly Examined[],
  out: string,
): Promise<WrittenComparison> {
  const comparison = compareExams(
    examined.map(({ result }) => result),
    examined.map(({ name }) => name),
  );
  const reports = examined.map(({ folder }) => `${encodeURIComponent(basename(folder))}/exam.html`);
  const [json, html] = COMPARISON_FILES;
  await writeFileAtomic(join(out, json), `${JSON.stringify(comparison, null, 1)}\n`);
  await writeFileAtomic(join(out, html), comparisonHtml(comparison, { reports }));
  const cell = (row: ComparedFigure, model: number): string =>
    [figureText(row.values[model] ?? null, row.unit), changeLabel(row, model)].filter(Boolean).join("  ");
  const { models, rows } = comparison;
  const table = tableText(
    ["figure", ...models.map(({ name }) => name)],
    rows
      .filter(({ values }) => values.some((value) => value !== null))
      .map((row) => [row.name, ...models.map((_, i) => cell(row, i))]),
  );
  return { comparison, table };
}

export const comparisonSummary = (
  { comparison: { models }, table }: WrittenComparison,
  out: string,
): string =>
  [
    `Compared with ${models[0]?.name}; better and worse are certain by 95 % intervals`,
    table,
    `  report: ${join(out, COMPARISON_FILES[1])}`,
  ].join("\n");
