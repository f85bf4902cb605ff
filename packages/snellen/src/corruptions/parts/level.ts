// Levels beyond the five of a table: curves may ask for any number, and some have no picture.
import { UsageError } from "@snellen/graph";

/** Numbers that a corruption takes, both ends included. */
export interface LevelRange {
  readonly from: number;
  readonly to: number;
  /** Fractions have no meaning. */
  readonly whole?: boolean;
}

/** @throws UsageError `corruption-level` for a level outside of the range, or none that is a number */
export function requireLevel(
  corruption: string,
  level: number,
  { from, to, whole = false }: LevelRange,
): void {
  if (level >= from && level <= to && (!whole || Number.isInteger(level))) return;
  throw new UsageError("corruption-level", `${corruption} does not have a level ${level}.`, {
    where: corruption,
    hint: `Give ${whole ? "a whole number" : "a number"} from ${from} to ${to}.`,
  });
}
