// Figures of compared exams and what became of them, in plain words: as the page and the terminal write them.
import type { ChangeVerdict, ComparedFigure } from "../exam/comparison.ts";
import { sentenceCase } from "../sentence-case.ts";
import { fixedNumber, shortNumber } from "./number.ts";

/** What each change is called, with a sign that does not rely on colour. */
const CHANGES: Readonly<Record<ChangeVerdict, string>> = {
  better: "▲ better",
  worse: "▼ worse",
  different: "≠ different",
  "no-certain-difference": "≈ no certain difference",
  higher: "↑ higher",
  lower: "↓ lower",
  equal: "= equal",
  unknown: "– not to be told",
};

/** The same of one model, with which way it is where no interval judges; empty where there is nothing to say. */
export function changeLabel({ verdicts, isBetter }: ComparedFigure, model: number): string {
  const verdict = verdicts[model] ?? null;
  if (verdict === null || verdict === "unknown") return "";
  const way = isBetter[model] ?? null;
  const isJudged = verdict === "better" || verdict === "worse" || way === null;
  return `${CHANGES[verdict]}${isJudged ? "" : ` (the ${way ? "better" : "worse"} way)`}`;
}

const IN_TENTHS: readonly string[] = ["%", "points", "pixels"];

const numberText = (value: number, unit: string): string =>
  IN_TENTHS.includes(unit) ? fixedNumber(value, 1) : shortNumber(value);

const withUnit = (text: string, unit: string): string => (unit === "" ? text : `${text} ${unit}`);

/** `93.5 %`; a dash where there is no number. */
export const figureText = (value: number | null, unit: string): string =>
  value === null ? "–" : withUnit(numberText(value, unit), unit);

/** `93.5 % [90.1, 95.8]`. */
export function figureWithInterval({ values, intervals, unit }: ComparedFigure, model: number): string {
  const interval = intervals[model] ?? null;
  const ends = interval === null ? "" : ` [${interval.map((end) => numberText(end, unit)).join(", ")}]`;
  return `${figureText(values[model] ?? null, unit)}${ends}`;
}

/** What changed from the first model to this one, as a sentence; empty for the first. */
export function changeText(row: ComparedFigure, model: number): string {
  const [verdict, difference] = [row.verdicts[model] ?? null, row.differences[model] ?? null];
  if (verdict === null) return "";
  if (verdict === "unknown" || difference === null)
    return "Not to be told: one of the two has no such number.";
  if (verdict === "equal") return "Equal, as far as is shown.";
  const by = `${amountText(difference.value, row.unit)} (${basisText(row, model)})`;
  return `${LEADS[verdict]}${LEADS[verdict] === "" ? sentenceCase(by) : by}${wayText(row, model)}.`;
}

const LEADS: Readonly<Record<Exclude<ChangeVerdict, "unknown" | "equal">, string>> = {
  better: "Better: ",
  worse: "Worse: ",
  different: "Different: ",
  "no-certain-difference": "No certain difference: ",
  higher: "",
  lower: "",
};

/** `lower by 2.5 points`. */
function amountText(difference: number, unit: string): string {
  const amount = withUnit(numberText(Math.abs(difference), unit), unit === "%" ? "points" : unit);
  return difference === 0 ? "equal" : `${difference > 0 ? "higher" : "lower"} by ${amount}`;
}

function basisText({ differences, verdicts, unit }: ComparedFigure, model: number): string {
  const { basis = "numbers", interval = null, images } = differences[model] ?? {};
  if (basis === "pairs" && interval !== null)
    return `95 % interval ${interval.map((end) => numberText(end, unit)).join(" to ")}, paired on ${images} images`;
  if (basis === "intervals")
    return verdicts[model] === "no-certain-difference"
      ? "95 % intervals overlap"
      : "95 % intervals lie apart";
  return "no interval to judge by";
}

/** Without an interval, which way is better is said and not judged. */
function wayText({ verdicts, isBetter }: ComparedFigure, model: number): string {
  const isJudged = verdicts[model] !== "higher" && verdicts[model] !== "lower";
  const way = isBetter[model] ?? null;
  return isJudged || way === null ? "" : `, the ${way ? "better" : "worse"} way`;
}
