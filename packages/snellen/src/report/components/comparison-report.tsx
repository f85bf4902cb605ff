// Exams side by side, made from the comparison and nothing else.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { ChangeVerdict, ComparedFigure, ExamComparison } from "../../exam/comparison.ts";
import { changeLabel, changeText, figureWithInterval } from "../comparison-text.ts";
import { Caption, Scrolling } from "./data-table.tsx";
import { VerdictMark } from "./verdict-mark.tsx";

/** What `ComparisonReport` takes. */
export interface ComparisonReportProps {
  /** Its names may hold anything. */
  readonly comparison: ExamComparison;
  /** Addresses of the models' reports; links are left out without them. */
  readonly reports?: readonly string[];
}

/** Title of a comparison: the models' names. */
export const comparisonTitle = ({ models }: ExamComparison): string =>
  `Exams of ${models.map(({ name }) => name).join(", ")}`;

/** Exams of several models side by side, from their comparison alone. */
export const ComparisonReport = ({ comparison, reports = [] }: ComparisonReportProps): JSX.Element => (
  <div class="report">
    <header>
      <h1>{comparisonTitle(comparison)}</h1>
      <p class="soft">
        What changed against {comparison.models[0]?.name}, which was named first:{" "}
        {countsText(comparison.rows)}.
      </p>
    </header>
    <div id="results" tabIndex={-1}>
      <section>
        <h2>Key figures by audit</h2>
        <ComparisonTable comparison={comparison} reports={reports} />
      </section>
      <section id="reading">
        <h2>How to read it</h2>
        {NOTES.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </section>
    </div>
  </div>
);

const NOTES = [
  "Brackets hold 95 % intervals. “Better” and “worse” are certain: of outcomes paired by image, the 95 % interval of the difference lies on one side of zero; elsewhere the two models’ own intervals lie apart, which misses small differences. Each row is judged by itself: of twenty, one may differ by chance.",
  "“Higher” and “lower” are numbers without an interval. Counts of layers are exact; what is measured on images may differ by chance.",
  "Verdicts of each audit link to its report, which says what the numbers mean.",
] as const;

/** `3 better, 1 worse, 4 without certain difference, 2 higher or lower without an interval, 5 equal`. */
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

const CAPTION = "Key figures by audit, with 95 % intervals";

const ComparisonTable = ({ comparison, reports }: Required<ComparisonReportProps>): JSX.Element => (
  <Scrolling label={CAPTION}>
    <table>
      <Caption>{CAPTION}</Caption>
      <thead>
        <tr>
          <th scope="col">figure</th>
          {comparison.models.map(({ name, images }, i) => (
            <th key={i} scope="col">
              {name} ({images} images)
            </th>
          ))}
          <th scope="col">in words</th>
        </tr>
      </thead>
      {comparison.audits.map((audit) => (
        <AuditRows key={audit.id} audit={audit} comparison={comparison} reports={reports} />
      ))}
    </table>
  </Scrolling>
);

interface AuditRowsProps extends Required<ComparisonReportProps> {
  readonly audit: ExamComparison["audits"][number];
}

/** An audit's verdicts in a line, then its figures. */
const AuditRows = ({ audit: { id, verdicts }, comparison, reports }: AuditRowsProps): JSX.Element => (
  <tbody>
    <tr class="group">
      <th scope="rowgroup">{id.replaceAll("-", " ")}</th>
      {verdicts.map((verdict, i) => (
        <td key={i}>
          <Verdict verdict={verdict} address={reports[i] === undefined ? undefined : `${reports[i]}#${id}`} />
        </td>
      ))}
      <td />
    </tr>
    {comparison.rows
      .filter((row) => row.audit === id && row.values.some((value) => value !== null))
      .map((row) => (
        <FigureRow key={row.figure} row={row} models={comparison.models} />
      ))}
  </tbody>
);

interface VerdictProps {
  readonly verdict: ExamComparison["audits"][number]["verdicts"][number];
  readonly address: string | undefined;
}

function Verdict({ verdict, address }: VerdictProps): JSX.Element {
  if (verdict === null) return <>–</>;
  const mark = <VerdictMark verdict={verdict} />;
  return address === undefined ? mark : <a href={address}>{mark}</a>;
}

interface FigureRowProps {
  readonly row: ComparedFigure;
  readonly models: ExamComparison["models"];
}

const FigureRow = ({ row, models }: FigureRowProps): JSX.Element => (
  <tr>
    <th scope="row">{row.name}</th>
    {models.map((_, i) => (
      <td key={i}>
        {figureWithInterval(row, i)}
        <ChangeMark row={row} model={i} />
      </td>
    ))}
    <td class="long">{rowText(row, models)}</td>
  </tr>
);

function ChangeMark({
  row,
  model,
}: {
  readonly row: ComparedFigure;
  readonly model: number;
}): JSX.Element | null {
  const label = changeLabel(row, model);
  if (label === "") return null;
  const verdict = row.verdicts[model];
  const way = row.isBetter[model] ?? null;
  const isCertain = verdict === "better" || verdict === "worse";
  const look = way === null ? "informative" : way ? "good" : isCertain ? "problem" : "attention";
  return (
    <>
      <br />
      <span class={`verdict ${look}`}>{label}</span>
    </>
  );
}

/** Of several models each with its name before its own. */
function rowText(row: ComparedFigure, models: ExamComparison["models"]): string {
  const texts = models.flatMap(({ name }, i) => (i === 0 ? [] : [{ name, text: changeText(row, i) }]));
  return texts.length === 1
    ? (texts[0]?.text ?? "")
    : texts.map(({ name, text }) => `${name}: ${text}`).join(" ");
}
