// What an experiment says of a claim of a paper: the verdict for each thing that it was tested on, and what was measured.
import { shortNumber } from "../report/number.ts";
import type { Estimate } from "./jackknife.ts";

export type Verdict = "holds" | "does not hold" | "undecided" | "not measured yet: needs training";

export interface Finding {
  /** A network, a data set, or trainings. */
  readonly subject: string;
  readonly verdict: Verdict;
  readonly measured: string;
}

export interface Claim {
  readonly id: string;
  /** As a clause behind "that". */
  readonly title: string;
  /** How it is decided, in words. */
  readonly test: string;
  readonly findings: readonly Finding[];
}

/** A number with its interval, as pages write it. */
export const estimated = (estimate: Estimate | null): string => {
  if (estimate === null) return "unknown";
  const { value, interval } = estimate;
  return interval === null
    ? shortNumber(value)
    : `${shortNumber(value)} [${interval.map(shortNumber).join(", ")}]`;
};
