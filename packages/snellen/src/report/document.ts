// A page of results as data (headings, paragraphs, tables, bars, pictures, plots), and as Markdown; document-html.tsx makes a page of it.
// Experiments and score tables write it; the exam has a page of its own.
import type { Bars, Plot, ResultEvidence, Table } from "../exam/result.ts";
import { fixedNumber } from "./number.ts";

/** A part of a page: text, then evidence. */
export interface DocumentSection {
  readonly title: string;
  /** Paragraphs of plain text. */
  readonly text: readonly string[];
  readonly evidence: readonly ResultEvidence[];
}

/** A page of results as data: a title, an introduction, sections. */
export interface Document {
  readonly title: string;
  /** What, on what, when, with what: paragraphs of plain text. */
  readonly intro: readonly string[];
  readonly sections: readonly DocumentSection[];
}

/** Bars and plots become tables, pictures their captions. */
export function documentMarkdown({ title, intro, sections }: Document): string {
  const parts = [
    `# ${plain(title)}`,
    ...intro.map(plain),
    ...sections.flatMap((s) => [
      `## ${plain(s.title)}`,
      ...s.text.map(plain),
      ...s.evidence.map(evidenceText),
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** One line; what Markdown or HTML would take for its own is escaped. */
const plain = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll(/[\\<>|[\]*_`]/g, (c) => `\\${c}`);

function evidenceText(item: ResultEvidence): string {
  if (item.kind === "table") return tableText(item);
  if (item.kind === "bars") return tableText(barsTable(item));
  if (item.kind === "plot") return tableText(plotTable(item));
  return `*${plain(item.caption)}*`;
}

const DIGITS = 3;

function barsTable({ caption, axis, bars }: Bars): Table {
  const numbers = ["value", "low", "high"].map((title) => ({ title, digits: DIGITS }));
  return {
    kind: "table",
    caption: `${caption} (${axis})`,
    columns: [{ title: "" }, ...numbers],
    rows: bars.map(({ label, value, low, high }) => [label, value, low ?? null, high ?? null]),
  };
}

/** Rows of a series in a table that stands for a plot. */
const MOST_POINTS = 12;
const PLOT_DIGITS = 4;

/** A row a point; of long series, points spread evenly over it, its ends among them. */
function plotTable({ caption, x, y, series }: Plot): Table {
  const isNamed = series.length > 1;
  const columns = [x, y].map(({ title }) => ({ title }));
  const rows = series.flatMap(({ name, points }) =>
    spread(points).map((point) => [
      ...(isNamed ? [name] : []),
      ...point.map((v) => Number(v.toPrecision(PLOT_DIGITS))),
    ]),
  );
  return { kind: "table", caption, columns: isNamed ? [{ title: "" }, ...columns] : columns, rows };
}

function spread<T>(points: readonly T[]): T[] {
  if (points.length <= MOST_POINTS) return [...points];
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.round(i * step)] as T);
}

function tableText({ caption, columns, rows }: Table): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const cell = (value: string | number | null, digits: number | undefined): string => {
    if (value === null) return "–";
    if (typeof value === "string") return plain(value);
    return digits === undefined ? String(value) : fixedNumber(value, digits);
  };
  return [
    plain(caption),
    "",
    row(columns.map((c) => plain(c.unit === undefined ? c.title : `${c.title} (${c.unit})`))),
    row(columns.map((c) => (c.digits === undefined ? "---" : "---:"))),
    ...rows.map((values) => row(values.map((value, i) => cell(value, columns[i]?.digits)))),
  ].join("\n");
}
