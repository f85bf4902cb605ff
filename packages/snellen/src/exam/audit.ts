// What an audit is: metadata and a pure function of the artifacts it declared. It never runs a model.
// Verdicts: good, attention, problem, informative, notApplicable; a throwing audit becomes a row with verdict `error`.
import { InternalError } from "@snellen/graph";
import type { Artifacts } from "./artifacts.ts";
import type { Evidence, Figure } from "./result.ts";

/** What an audit may say. One that throws becomes a row of verdict `error` instead. */
export type Verdict = "good" | "attention" | "problem" | "informative" | "notApplicable";

/** What an audit found. */
export interface Finding<Given extends Verdict = Verdict> {
  readonly verdict: Given;
  /** One sentence in plain words with the numbers that decided. */
  readonly summary: string;
  readonly evidence?: readonly Evidence[];
  /** The few numbers that say what a repair changed. */
  readonly figures?: readonly Figure[];
  /** A command that mends or looks closer; reports put the model's file in place of `<model>`. */
  readonly remedy?: string;
}

interface AuditTexts {
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
}

/** What each verdict means for whoever uses the network. */
type InWords<Given extends Verdict> = Readonly<Record<Given, string>>;

/** An audit as the registry lists it. */
export interface Audit extends AuditTexts {
  /** A sentence for each verdict that it gives, see `AuditDefinition`. */
  readonly inWords: Partial<InWords<Verdict>>;
  readonly needs: readonly (keyof Artifacts)[];
  readonly audit: (artifacts: Artifacts) => Finding;
}

/** An audit as its file writes it. */
export interface AuditDefinition<Needs extends keyof Artifacts, Given extends Verdict> extends AuditTexts {
  /**
   * What each verdict that it gives means for whoever uses the network: a sentence without jargon and without numbers, true of all
   * findings with that verdict. The summary stands below it.
   */
  readonly inWords: InWords<Given>;
  readonly needs: readonly Needs[];
  readonly audit: (artifacts: Pick<Artifacts, Needs>) => Finding<Given>;
}

/**
 * Keeps the types of `needs`, so that `audit` sees what it declared and nothing else, and of the verdicts that it gives: one of them
 * without a sentence does not compile.
 */
export const defineAudit = <Needs extends keyof Artifacts, Given extends Verdict>(
  audit: AuditDefinition<Needs, Given>,
): Audit => audit as Audit;

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
    for (const [verdict, words] of Object.entries(audit.inWords))
      if (words.trim() === "") throw fail(`has no words for the verdict "${verdict}"`);
    if (audit.title === audit.failureTitle) throw fail("has the same title for success and failure");
    if (!/^https:\/\//.test(audit.learnMore)) throw fail("has no link to learn more");
    if (ids.has(audit.id)) throw fail("is listed twice");
    ids.add(audit.id);
  }
  return audits;
}
