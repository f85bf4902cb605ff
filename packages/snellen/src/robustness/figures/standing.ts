// Who of two breaks more under what alters pictures, and what that says of the abstract of arXiv:2111.08413: that vision transformers
// are as robust as convolutional networks or more under most corruptions, and worse under contrast enhancement. How it is decided is
// derived here.
import type { Estimate } from "./estimates.ts";

/**
 * Parts of 1 that one may lose more and count as robust as the other. The paper names none. From what a hundred images can tell: the
 * embedded transformer less the embedded CNN, by corruption, has intervals of five points to either side (median of 21; docs/reproduction),
 * so that by a smaller margin equals could not be told from others on as many.
 */
export const MARGIN = 0.05;

/**
 * By the whole 95 % interval. `more-robust`: loses less; `as-robust`: loses no more by the margin; `less-robust`: loses more, and not
 * surely within the margin; `open`: the images do not tell.
 */
export type Standing = "more-robust" | "as-robust" | "less-robust" | "open";

/** @param difference what the one that is judged loses, less what the other does */
export function standing({ low, high }: Pick<Estimate, "low" | "high">): Standing {
  if (low === null || high === null) return "open";
  if (high <= MARGIN) return high < 0 ? "more-robust" : "as-robust";
  return low > 0 ? "less-robust" : "open";
}

/** `undecided` where the images do not tell. */
export type ClaimOutcome = "holds" | "does not hold" | "undecided";

export interface MostCorruptions {
  /** Corruptions under which the transformer is as robust or more, and of them those under which it is more so. */
  readonly robust: number;
  readonly more: number;
  readonly less: number;
  readonly corruptions: number;
  /** Of "as robust or more under most": under more than half, or under so many less that half cannot be left. */
  readonly outcome: ClaimOutcome;
}

/** @param standings of the transformer, one a corruption */
export function mostCorruptions(standings: readonly Standing[]): MostCorruptions {
  const count = (wanted: Standing): number => standings.filter((own) => own === wanted).length;
  const [more, less, corruptions] = [count("more-robust"), count("less-robust"), standings.length];
  const robust = more + count("as-robust");
  const isRefuted = corruptions > 0 && less >= corruptions / 2;
  const outcome = robust > corruptions / 2 ? "holds" : isRefuted ? "does not hold" : "undecided";
  return { robust, more, less, corruptions, outcome };
}

const LOST_MORE: Readonly<Record<Standing, ClaimOutcome>> = {
  "less-robust": "holds",
  "more-robust": "does not hold",
  "as-robust": "does not hold",
  open: "undecided",
};

/** Of "loses more". */
export const losesMore = (own: Standing): ClaimOutcome => LOST_MORE[own];

/** Of both parts of a claim. */
export function both(first: ClaimOutcome, second: ClaimOutcome): ClaimOutcome {
  const outcomes = [first, second];
  if (outcomes.includes("does not hold")) return "does not hold";
  return outcomes.includes("undecided") ? "undecided" : "holds";
}
