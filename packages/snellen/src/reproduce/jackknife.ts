// How well a number is known that was computed from all images at once, such as the fit to a sum of fields: it is computed
// again with each part of the images left out. Quenouille 1949, Tukey 1958; a bootstrap would repeat images, and with them their noise.
import { InternalError } from "@snellen/graph";
import type { Interval } from "../cam/measures/statistics.ts";

export interface Estimate {
  readonly value: number;
  /** 95 %, symmetric; null where a part left out leaves no value, or there are fewer than two parts. */
  readonly interval: Interval | null;
}

/** Student's t at 97.5 %, by degrees of freedom from 1. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** Parts that images are shared among; what the table of Student's t reaches. */
export const MOST_PARTS = STUDENT.length + 1;

/**
 * @param parts at most `MOST_PARTS`
 * @param statistic of all parts but one, or of all (undefined); undefined where it has no value
 * @returns undefined where all parts together give no value
 * @throws InternalError for more parts
 */
export function jackknife(
  parts: number,
  statistic: (without: number | undefined) => number | undefined,
): Estimate | undefined {
  if (parts > MOST_PARTS) throw new InternalError(`${parts} parts, where ${MOST_PARTS} are the most.`);
  const value = statistic(undefined);
  if (value === undefined) return undefined;
  const student = STUDENT[parts - 2];
  if (student === undefined) return { value, interval: null };
  const others = Array.from({ length: parts }, (_, part) => statistic(part));
  if (!others.every((v) => v !== undefined)) return { value, interval: null };
  const mean = others.reduce((sum, v) => sum + v, 0) / parts;
  const squares = others.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const half = student * Math.sqrt(((parts - 1) / parts) * squares);
  return { value, interval: [value - half, value + half] };
}
