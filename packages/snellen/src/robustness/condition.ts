// What an image is shown under: as it is, or a corruption at a severity. Each condition has a text that journals and tables use.
import { InternalError } from "@snellen/graph";
import { type Severity, severities } from "../corruptions/corruption.ts";

/** A corruption at a severity. */
export interface CorruptedCondition {
  /** The corruption's id. */
  readonly corruption: string;
  readonly severity: Severity;
}

/** The picture as it is, or a corruption at a severity. */
export type Condition = typeof CLEAN | CorruptedCondition;

/** The condition of a picture as it is, and its text in journals and tables. */
export const CLEAN = "clean";

/** Stable text of a condition: `clean`, `gaussian_noise/3`. */
export const conditionKey = (condition: Condition): string =>
  condition === CLEAN ? CLEAN : `${condition.corruption}/${condition.severity}`;

/** The condition of such a text. @throws InternalError for any other text */
export function parseCondition(key: string): Condition {
  if (key === CLEAN) return CLEAN;
  const slash = key.lastIndexOf("/");
  const severity = severities.find((s) => String(s) === key.slice(slash + 1));
  if (slash < 1 || severity === undefined) throw new InternalError(`"${key}" is no condition.`);
  return { corruption: key.slice(0, slash), severity };
}

/** The clean picture, then every corruption at every severity. */
export const conditionsOf = (
  corruptions: readonly string[],
  levels: readonly Severity[] = severities,
): Condition[] => [
  CLEAN,
  ...corruptions.flatMap((corruption) => levels.map((severity) => ({ corruption, severity }))),
];
