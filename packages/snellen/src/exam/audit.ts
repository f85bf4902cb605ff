// What an audit is: metadata and a pure function of the artifacts it declared. It never runs a model.
// Verdicts: good, attention, problem, informative, notApplicable; a throwing audit becomes a row with verdict `error`.
import type { Artifacts } from "./artifacts.ts";
import type { Evidence } from "./result.ts";

export type Verdict = "good" | "attention" | "problem" | "informative" | "notApplicable";

/** What an audit found. */
export interface Finding {
  readonly verdict: Verdict;
  /** One sentence in plain words with the numbers that decided. */
  readonly summary: string;
  readonly evidence?: readonly Evidence[];
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
