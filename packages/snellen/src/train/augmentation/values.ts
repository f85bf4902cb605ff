// Numbers and words behind an augmentation's id, checked.
import { closest, UsageError } from "@snellen/graph";

/** More is a typing mistake. */
export const MOST_PIXELS = 1024;

export interface NumberRange {
  readonly from: number;
  readonly to: number;
  /** Fractions have no meaning. */
  readonly whole?: boolean;
}

const bad = (what: string, hint: string): UsageError =>
  new UsageError("bad-augmentation", what, { where: "--augment", hint });

/** @throws UsageError `bad-augmentation` where the text is no number of the range, or missing without a default */
export function numberValue(
  text: string | undefined,
  usage: string,
  { from, to, whole = false }: NumberRange,
  standard?: number,
): number {
  if (text === undefined && standard !== undefined) return standard;
  const value = /^\d*\.?\d+$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (value >= from && value <= to && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  const got = text === undefined ? "none was given" : `got "${text}"`;
  throw bad(`expected ${kind} from ${from} to ${to}, ${got}.`, `Write ${usage}.`);
}

/** @throws UsageError `bad-augmentation` with the nearest choice */
export function choiceValue<T extends string>(
  text: string | undefined,
  usage: string,
  choices: readonly [T, ...T[]],
): T {
  if (text === undefined) return choices[0];
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw bad(`unknown value "${text}".`, `Did you mean "${closest(text, choices)}"? Write ${usage}.`);
}

/** @throws UsageError `bad-augmentation` where there are more values than the usage has places */
export function requireAtMost(values: readonly string[], most: number, usage: string): void {
  if (values.length > most) throw bad(`"${values[most]}" is one value too many.`, `Write ${usage}.`);
}
