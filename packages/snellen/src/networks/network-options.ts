// Options of networks: each with its default, what it takes in words, and how its text on a command line becomes data.
import { closest, UsageError } from "@snellen/graph";

/** An option of a network: its default, what it takes in words, and how its text becomes a value. */
export interface NetworkOption<T> {
  /** What it does, one sentence. */
  readonly summary: string;
  /** What it takes, in words. */
  readonly takes: string;
  /** Its value where none is given. */
  readonly initial: T;
  /** Another option that must have one of some values for this one to matter. */
  readonly only?: { readonly option: string; readonly is: readonly unknown[] };
  /** From text; undefined where it is none of its values. */
  readonly read: (text: string) => unknown;
  /** Whether a value is one that it takes. */
  readonly accepts: (value: unknown) => boolean;
}

/** Options of a network by name. */
export type NetworkOptionTable = Readonly<Record<string, NetworkOption<unknown>>>;

/** The values of a table's options. */
export type OptionsOf<T> = { readonly [K in keyof T]: T[K] extends NetworkOption<infer V> ? V : never };

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every(isCount);
const isNumber = (value: unknown): value is number => Number.isFinite(value);
/** A decimal number as people write it; NaN for anything else. */
export const numberOf = (text: string): number =>
  /^\s*[-+]?[\d.]+(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
const numbersOf = (text: string): number[] => text.split(",").map(numberOf);

/** A whole number of at least 1. */
export const count = (initial: number, summary: string): NetworkOption<number> => ({
  summary,
  takes: "a whole number",
  initial,
  read: numberOf,
  accepts: isCount,
});

/** Whole numbers of at least 1, one for each of something. */
export const counts = (initial: readonly number[], summary: string): NetworkOption<readonly number[]> => ({
  summary,
  takes: "whole numbers between commas",
  initial,
  read: numbersOf,
  accepts: isCounts,
});

/** A whole number for all, or one for each. */
export const countOrCounts = (
  initial: number,
  summary: string,
): NetworkOption<number | readonly number[]> => ({
  summary,
  takes: "a whole number, or several between commas",
  initial,
  read: (text) => (text.includes(",") ? numbersOf(text) : numberOf(text)),
  accepts: (value) => isCount(value) || isCounts(value),
});

/** Real numbers. */
export const numbers = (initial: readonly number[], summary: string): NetworkOption<readonly number[]> => ({
  summary,
  takes: "numbers between commas",
  initial,
  read: numbersOf,
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(isNumber),
});

/** A number above 0. */
export const positive = (initial: number, summary: string): NetworkOption<number> => ({
  summary,
  takes: "a number above 0",
  initial,
  read: numberOf,
  accepts: (value) => isNumber(value) && value > 0,
});

/** One of some words or numbers. */
export const choice = <const T extends string | number>(
  choices: readonly T[],
  initial: NoInfer<T>,
  summary: string,
): NetworkOption<T> => ({
  summary,
  takes: choices.join(", "),
  initial,
  read: (text) => choices.find((known) => String(known) === text),
  accepts: (value) => (choices as readonly unknown[]).includes(value),
});

export const flag = (initial: boolean, summary: string): NetworkOption<boolean> => ({
  summary,
  takes: "true, false",
  initial,
  read: (text) => ({ true: true, false: false })[text],
  accepts: (value) => typeof value === "boolean",
});

/** The same option, of use only where another has one of some values. */
export const onlyWhere = <T>(
  option: string,
  is: readonly unknown[],
  given: NetworkOption<T>,
): NetworkOption<T> => ({ ...given, only: { option, is } });

/** How errors name an option. */
export const optionTitle = (name: string): string => `option ${name}`;

export const badOption = (name: string, what: string, hint?: string): UsageError =>
  new UsageError("bad-network-option", what, { where: optionTitle(name), hint });

function optionOf(table: NetworkOptionTable, name: string): NetworkOption<unknown> {
  if (Object.hasOwn(table, name)) return table[name] as NetworkOption<unknown>;
  const names = Object.keys(table);
  throw new UsageError("unknown-network-option", "the network has no such option.", {
    where: optionTitle(name),
    hint: `Did you mean "${closest(name, names)}"? Known: ${names.join(", ")}.`,
  });
}

/**
 * Values of options as a command line gives them, by name.
 * @throws UsageError `unknown-network-option`, `bad-network-option`
 */
export function readOptions(
  table: NetworkOptionTable,
  texts: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const entries = Object.entries(texts).map(([name, text]) => {
    const option = optionOf(table, name);
    const value = option.read(text.trim());
    if (!option.accepts(value)) throw badOption(name, `expected ${option.takes}; got "${text}".`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * The options given, checked, and the defaults of the others.
 * @throws UsageError `unknown-network-option`, `bad-network-option`, `unused-network-option` where it would change nothing
 */
export function completeOptions<T extends NetworkOptionTable>(
  table: T,
  given: Readonly<Record<string, unknown>>,
): OptionsOf<T> {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of set) {
    const option = optionOf(table, name);
    if (!option.accepts(value))
      throw badOption(name, `expected ${option.takes}; got ${JSON.stringify(value)}.`);
  }
  const defaults = Object.entries(table).map(([name, { initial }]) => [name, initial]);
  const complete: Record<string, unknown> = { ...Object.fromEntries(defaults), ...Object.fromEntries(set) };
  for (const [name] of set) requireUse(name, optionOf(table, name), complete);
  return complete as OptionsOf<T>;
}

function requireUse(name: string, { only }: NetworkOption<unknown>, all: Record<string, unknown>): void {
  if (only === undefined || only.is.includes(all[only.option])) return;
  throw new UsageError(
    "unused-network-option",
    `changes nothing where ${only.option} is ${all[only.option]}.`,
    {
      where: optionTitle(name),
      hint: `Leave it out, or set ${only.option} to ${only.is.join(" or ")}.`,
    },
  );
}
