// How a page tells what became of claims: a sentence each, and a table of every verdict with what it rests on.
import type { Table } from "../exam/result.ts";
import type { DocumentSection } from "../report/document.ts";
import { shortNumber } from "../report/number.ts";
import { type Claim, estimated, type Finding, type Verdict } from "./claim.ts";
import type { Estimate } from "./jackknife.ts";
import { headed } from "./report-cells.ts";

export const UNMEASURED: Verdict = "not measured yet: needs training";
const VERDICTS: readonly Verdict[] = ["holds", "does not hold", "undecided", UNMEASURED];

export const claimsSection = (claims: readonly Claim[]): DocumentSection => ({
  title: "The claims",
  text: claims.map(claimText),
  evidence: [claimsTable(claims)],
});

/** Of more than these the table tells the names. */
const MOST_NAMES = 12;

/** Which verdicts a claim got, and of what. */
export function claimText({ title, findings }: Claim): string {
  const counted = VERDICTS.flatMap((verdict) => {
    const own = findings.filter((finding) => finding.verdict === verdict);
    if (own.length === 0) return [];
    if (own.length === findings.length)
      return [findings.length === 1 ? verdict : `${verdict} for all ${own.length}`];
    const names = own.length > MOST_NAMES ? "" : ` (${own.map(({ subject }) => subject).join("; ")})`;
    return [`${verdict} for ${own.length} of ${findings.length}${names}`];
  });
  return `That ${title}: ${counted.length === 0 ? "nothing here to test it on" : counted.join(", ")}.`;
}

export const claimsTable = (claims: readonly Claim[]): Table => ({
  kind: "table",
  caption: "Every verdict, and what it rests on",
  columns: headed(["claim", "of", "verdict", "measured", "decided by"]),
  rows: claims.flatMap(({ id, test, findings }) =>
    findings.map(({ subject, verdict, measured }, i) => [
      id,
      subject,
      verdict,
      measured,
      i === 0 ? test : "as above",
    ]),
  ),
});

/** From this p on, a difference may be chance: two-sided, per comparison, not corrected for their number. */
export const SIGNIFICANT = 0.05;

/** Of a number that is negative where the claim holds. */
export const signVerdict = (value: number, p: number): Verdict =>
  p >= SIGNIFICANT ? "undecided" : value < 0 ? "holds" : "does not hold";

/**
 * A paired difference that is negative where the claim holds.
 * @param cause what made it, behind the number
 */
export function differenceFinding(
  subject: string,
  {
    mean,
    p,
    interval,
    count,
  }: {
    readonly mean?: number;
    readonly p?: number;
    readonly interval?: readonly [number, number];
    readonly count: number;
  },
  unit: string,
  cause = "",
): Finding {
  if (mean === undefined || p === undefined) return { subject, verdict: "undecided", measured: "no pairs" };
  const difference = estimated({ value: mean, interval: interval ?? null });
  return {
    subject,
    verdict: signVerdict(mean, p),
    measured: `${unit} ${difference}${cause}, p ${shortNumber(p)}, ${count} pairs`,
  };
}

/** Of the values that there are. */
export function meanOf(values: readonly (number | undefined)[]): number {
  const known = values.filter((v) => v !== undefined);
  return known.reduce((sum, v) => sum + v, 0) / known.length;
}

/** Whether all ratios are 1 within a share, with their whole intervals; it does not hold where one lies wholly outside. */
export function withinVerdict(ratios: readonly Estimate[], share: number): Verdict {
  const [low, high] = [1 - share, 1 + share];
  const known = ratios.flatMap(({ interval }) => (interval === null ? [] : [interval]));
  if (known.some(([from, to]) => to < low || from > high)) return "does not hold";
  const isInside = known.every(([from, to]) => from >= low && to <= high);
  return isInside && known.length === ratios.length && known.length > 0 ? "holds" : "undecided";
}
