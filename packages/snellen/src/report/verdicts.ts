// What verdicts are called, in which order reports list them, and how many of each there are.
import type { AuditRow } from "../exam/result.ts";

type RowVerdict = AuditRow["verdict"];

/** What each verdict is called, with a sign that does not rely on colour. */
export const VERDICTS: { readonly [V in RowVerdict]: string } = {
  good: "✓ good",
  attention: "! attention",
  problem: "✗ problem",
  informative: "i for reading",
  notApplicable: "– not applicable",
  error: "✗ error",
};

/** How many there are, the order that of reports: what wants doing first, what does not apply last. */
const COUNTED: { readonly [V in RowVerdict]: (count: number) => string } = {
  problem: (n) => `${n} ${n === 1 ? "problem" : "problems"}`,
  attention: (n) => `${n} to look at`,
  error: (n) => `${n} that went wrong`,
  good: (n) => `${n} fine`,
  informative: (n) => `${n} for reading`,
  notApplicable: (n) => `${n} that ${n === 1 ? "does" : "do"} not apply here`,
};

const ORDER = Object.keys(COUNTED) as RowVerdict[];

/** By verdict; within one, in the order given. */
export const byVerdict = <Row extends Pick<AuditRow, "verdict">>(rows: readonly Row[]): Row[] =>
  ORDER.flatMap((verdict) => rows.filter((row) => row.verdict === verdict));

/** `2 problems, 3 to look at, 6 fine`. */
export const verdictCounts = (rows: readonly Pick<AuditRow, "verdict">[]): string =>
  ORDER.flatMap((verdict) => {
    const count = rows.filter((row) => row.verdict === verdict).length;
    return count === 0 ? [] : [COUNTED[verdict](count)];
  }).join(", ");

/** What an audit found, in a sentence; its title in results of earlier versions. */
export const plainWords = ({ inWords, title }: AuditRow): string => inWords ?? title;
