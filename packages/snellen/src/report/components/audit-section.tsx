// What one audit found: the verdict and what it means in words, then the numbers, what to do, and the evidence.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { AuditRow } from "../../exam/result.ts";
import { remedyCommand } from "../remedy-command.ts";
import { plainWords } from "../verdicts.ts";
import { EvidenceList } from "./evidence.tsx";
import { Remedy, type RemedyAction } from "./remedy.tsx";
import { VerdictMark } from "./verdict-mark.tsx";
import { WebLink } from "./web-link.tsx";
import { Words } from "./words.tsx";

/** What `AuditSection` takes. */
export interface AuditSectionProps {
  readonly row: AuditRow;
  /** What the exam calls the model. */
  readonly model: string;
  /** Of its heading; default 2. */
  readonly level?: 2 | 3;
  readonly remedyAction?: RemedyAction;
}

/** The command mends or looks closer; only where something is amiss is it to be done. */
const isAmiss = ({ verdict }: AuditRow): boolean => verdict === "problem" || verdict === "attention";

/** What one audit found, as a section whose id is the audit's. */
export function AuditSection({ row, model, level = 2, remedyAction }: AuditSectionProps): JSX.Element {
  const Heading = `h${level}` as const;
  return (
    <section id={row.id} class={`audit ${row.verdict}`}>
      <p class="eyebrow">
        <VerdictMark verdict={row.verdict} /> <span class="soft">{row.id.replaceAll("-", " ")}</span>
      </p>
      <Heading>{plainWords(row)}</Heading>
      <p>
        <Words>{row.summary}</Words>
      </p>
      <p class="soft">
        <Words>{row.description}</Words> <WebLink address={row.learnMore}>Learn more</WebLink>
      </p>
      {row.remedy !== undefined && (
        <Remedy
          title={isAmiss(row) ? "What to do" : "To look closer"}
          command={remedyCommand(row.remedy, model)}
          action={remedyAction}
        />
      )}
      <EvidenceList evidence={row.evidence} />
    </section>
  );
}
