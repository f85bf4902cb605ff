// What an audit is: metadata and a pure function of the artifacts it declared. It never runs a model.
// Verdicts: good, attention, problem, informative, notApplicable; a throwing audit becomes a row with verdict `error`.
import { InternalError } from "@snellen/graph";
import type { Artifacts } from "./artifacts.ts";
import type { Evidence, Figure } from "./result.ts";

export type Verdict = "good" | "attention" | "problem" | "informative" | "notApplicable";

/** What an audit found. */
export interface Finding {
  readonly verdict: Verdict;
  /** One sentence in plain words with the numbers that decided. */
  readonly summary: string;
  readonly evidence?: readonly Evidence[];
  /** The few numbers that say what a repair changed. */
  readonly figures?: readonly Figure[];
  /** A command that mends or looks closer, ready to be copied. */
  readonly remedy?: string;
}

export interface Audit<Needs extends keyof Artifacts = keyof Artifacts> {
  /** A noun, equal to the file name; never changes once released. */
  readonly id: string;
  /** What is true when all is well. */
  readonly title: string;
  /** What is true when it is not. */
  readonly failureTitle: string;
  /** Why one should care, one or two sentences. */
  readonly description: string;
  /** Page or paper that explains it. */
  readonly learnMore: string;
  readonly needs: readonly Needs[];
  readonly audit: (artifacts: Pick<Artifacts, Needs>) => Finding;
}

/** Keeps the type of `needs`, so that `audit` sees what it declared and nothing else. */
export const defineAudit = <Needs extends keyof Artifacts>(audit: Audit<Needs>): Audit =>
  audit as unknown as Audit;

const TEXTS = ["id", "title", "failureTitle", "description", "learnMore"] as const;

/**
 * The audits themselves, after a check of their metadata as they are loaded.
 * @throws InternalError naming the audit whose field is empty, whose id is no plain name, or whose id another one has
 */
export function checkedAudits(audits: readonly Audit[]): readonly Audit[] {
  const ids = new Set<string>();
  for (const audit of audits) {
    const fail = (what: string) => new InternalError(`audit "${audit.id}" ${what}`);
    for (const field of TEXTS) if (audit[field].trim() === "") throw fail(`has no ${field}`);
    if (!/^[a-z]+(-[a-z]+)*$/.test(audit.id)) throw fail("needs an id of lower-case words joined by hyphens");
    if (audit.title === audit.failureTitle) throw fail("has the same title for success and failure");
    if (!/^https:\/\//.test(audit.learnMore)) throw fail("has no link to learn more");
    if (ids.has(audit.id)) throw fail("is listed twice");
    ids.add(audit.id);
  }
  return audits;
}
