// The whole exam from its result and nothing else: what was examined, what was found in short, then audit by audit, what wants doing
// first and what does not apply folded away at the end.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { AuditRow, ExamResult } from "../../exam/result.ts";
import { byVerdict, plainWords, verdictCounts } from "../verdicts.ts";
import { AuditSection } from "./audit-section.tsx";
import { DataTable } from "./data-table.tsx";
import type { RemedyAction } from "./remedy.tsx";
import { VerdictMark } from "./verdict-mark.tsx";
import { Words } from "./words.tsx";

/** What `ExamReport` takes. */
export interface ExamReportProps {
  /** Its texts may hold anything. */
  readonly exam: ExamResult;
  readonly remedyAction?: RemedyAction;
}

/** Title of an exam: the model's name. */
export const examTitle = ({ model }: ExamResult): string => `Eye exam of ${model.name}`;

/** A whole exam from its result alone: what wants doing first, what does not apply folded away at the end. */
export function ExamReport({ exam, remedyAction }: ExamReportProps): JSX.Element {
  const rows = byVerdict(exam.audits);
  const applying = rows.filter(({ verdict }) => verdict !== "notApplicable");
  const others = rows.filter(({ verdict }) => verdict === "notApplicable");
  const shared = { model: exam.model.name, remedyAction };
  return (
    <div class="report">
      <ExamHeader exam={exam} />
      <ExamIndex applying={applying} others={others.length} />
      <div id="results" tabIndex={-1}>
        {applying.map((row) => (
          <AuditSection key={row.id} row={row} {...shared} />
        ))}
        <SkippedImages exam={exam} />
        {others.length > 0 && (
          <details id={OTHERS} class="others">
            <summary>
              <h2>Does not apply here ({others.length})</h2>
            </summary>
            {others.map((row) => (
              <AuditSection key={row.id} row={row} level={3} {...shared} />
            ))}
          </details>
        )}
      </div>
    </div>
  );
}

/** Where the index leads to. */
const OTHERS = "does-not-apply";

function ExamHeader({ exam }: { readonly exam: ExamResult }): JSX.Element {
  const { images, date, snellen, model } = exam;
  return (
    <header>
      <h1>{examTitle(exam)}</h1>
      <p class="soft">
        {images.count} {images.count === 1 ? "image" : "images"} from {images.name}, {date.slice(0, 10)},
        Snellen {snellen}
      </p>
      <dl>
        {model.facts.map(({ name, value }, i) => (
          <div key={i}>
            <dt>{name}</dt>
            <dd>
              <Words>{value}</Words>
            </dd>
          </div>
        ))}
      </dl>
      <p class="counts">{verdictCounts(exam.audits)}.</p>
    </header>
  );
}

/** Sentences in plain words, each a link to what they rest on. */
const ExamIndex = ({
  applying,
  others,
}: {
  readonly applying: readonly AuditRow[];
  readonly others: number;
}) => (
  <nav aria-label="Findings">
    <ol>
      {applying.map((row) => (
        <li key={row.id}>
          <VerdictMark verdict={row.verdict} /> <a href={`#${row.id}`}>{plainWords(row)}</a>
        </li>
      ))}
      {others > 0 && (
        <li>
          <VerdictMark verdict="notApplicable" />{" "}
          <a href={`#${OTHERS}`}>
            {others} {others === 1 ? "question does" : "questions do"} not apply to this network or these
            images.
          </a>
        </li>
      )}
    </ol>
  </nav>
);

function SkippedImages({ exam: { images } }: { readonly exam: ExamResult }): JSX.Element | null {
  if (images.skipped.length === 0) return null;
  const table = {
    kind: "table" as const,
    caption: `${images.skipped.length} skipped`,
    columns: [{ title: "image" }, { title: "reason" }],
    rows: images.skipped.map(({ source, reason }) => [source, reason]),
  };
  return (
    <section id="skipped">
      <h2>Images that could not be read</h2>
      <DataTable table={table} />
    </section>
  );
}
