// Exams side by side as one self-contained page, made from the comparison and nothing else. All text is escaped: names of files come
// from whoever made the model.
import type { ChangeVerdict, ComparedFigure, ExamComparison } from "../exam/comparison.ts";
import { changeLabel, changeText, figureWithInterval } from "./comparison-text.ts";
import { escapeHtml, page } from "./evidence-html.ts";
import { VERDICTS } from "./exam-html.ts";

export interface ComparisonPage {
  /** Addresses of the models' reports, from where the page lies; links are left out without them. */
  readonly reports?: readonly string[];
}

/** One self-contained page; names may hold anything. */
export function comparisonHtml(comparison: ExamComparison, { reports = [] }: ComparisonPage = {}): string {
  const { models } = comparison;
  const title = `Exams of ${models.map(({ name }) => name).join(", ")}`;
  const first = escapeHtml(models[0]?.name ?? "");
  return page(
    title,
    `<header>
<h1>${escapeHtml(title)}</h1>
<p class="soft">What changed against ${first}, which was named first: ${countsText(comparison.rows)}.</p>
</header>
<main>
<section>
${comparisonTable(comparison, reports)}
</section>
<section id="reading">
<h2>How to read it</h2>
${NOTES.map((note) => `<p>${note}</p>`).join("\n")}
</section>
</main>`,
  );
}

const NOTES = [
  "Brackets hold 95 % intervals. “Better” and “worse” are certain: of outcomes paired by image, the 95 % interval of the difference lies on one side of zero; elsewhere the two models’ own intervals lie apart, which misses small differences. Each row is judged by itself: of twenty, one may differ by chance.",
  "“Higher” and “lower” are numbers without an interval. Counts of layers are exact; what is measured on images may differ by chance.",
  "Verdicts of each audit link to its report, which says what the numbers mean.",
] as const;

/** `3 figures better, 1 worse, 4 without certain difference, 2 higher or lower without an interval, 5 equal`. */
function countsText(rows: readonly ComparedFigure[]): string {
  const all = rows.flatMap(({ verdicts }) => verdicts);
  const count = (...wanted: readonly ChangeVerdict[]): number =>
    all.filter((verdict) => verdict !== null && wanted.includes(verdict)).length;
  return [
    `${count("better")} better`,
    `${count("worse")} worse`,
    `${count("no-certain-difference")} without certain difference`,
    `${count("higher", "lower")} higher or lower without an interval`,
    `${count("equal")} equal`,
  ].join(", ");
}

function comparisonTable(comparison: ExamComparison, reports: readonly string[]): string {
  const { models, audits } = comparison;
  const head = models
    .map(({ name, images }) => `<th scope="col">${escapeHtml(name)} (${images} images)</th>`)
    .join("");
  const bodies = audits.map((audit) => auditRows(audit, comparison, reports)).join("\n");
  return `<div class="scroll"><table><caption>Key figures by audit, with 95 % intervals</caption><thead><tr><th scope="col">figure</th>${head}<th scope="col">in words</th></tr></thead>
${bodies}
</table></div>`;
}

/** An audit's verdicts in a line, then its figures. */
function auditRows(
  { id, verdicts }: ExamComparison["audits"][number],
  { models, rows }: ExamComparison,
  reports: readonly string[],
): string {
  const cells = verdicts.map((verdict, i) => `<td>${verdictCell(verdict, id, reports[i])}</td>`).join("");
  const figures = rows
    .filter((row) => row.audit === id && row.values.some((value) => value !== null))
    .map((row) => figureRow(row, models));
  return `<tbody><tr><th scope="rowgroup">${escapeHtml(id.replaceAll("-", " "))}</th>${cells}<td></td></tr>${figures.join("")}</tbody>`;
}

function verdictCell(
  verdict: ExamComparison["audits"][number]["verdicts"][number],
  id: string,
  report: string | undefined,
): string {
  if (verdict === null) return "–";
  const text = `<span class="verdict ${verdict}">${VERDICTS[verdict]}</span>`;
  return report === undefined ? text : `<a href="${escapeHtml(`${report}#${id}`)}">${text}</a>`;
}

function figureRow(row: ComparedFigure, models: ExamComparison["models"]): string {
  const cells = models.map(
    (_, i) => `<td>${escapeHtml(figureWithInterval(row, i))}${changeMark(row, i)}</td>`,
  );
  return `<tr><th scope="row">${escapeHtml(row.name)}</th>${cells.join("")}<td>${escapeHtml(rowText(row, models))}</td></tr>`;
}

function changeMark(row: ComparedFigure, model: number): string {
  const label = changeLabel(row, model);
  if (label === "") return "";
  const verdict = row.verdicts[model];
  const way = row.isBetter[model] ?? null;
  const isCertain = verdict === "better" || verdict === "worse";
  const look = way === null ? "informative" : way ? "good" : isCertain ? "problem" : "attention";
  return `<br><span class="verdict ${look}">${label}</span>`;
}

/** Of several models each with its name before its own. */
function rowText(row: ComparedFigure, models: ExamComparison["models"]): string {
  const texts = models.flatMap(({ name }, i) => (i === 0 ? [] : [{ name, text: changeText(row, i) }]));
  return texts.length === 1
    ? (texts[0]?.text ?? "")
    : texts.map(({ name, text }) => `${name}: ${text}`).join(" ");
}
