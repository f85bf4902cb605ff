// Divisors of a channel number: the numbers of groups that it allows.
// Which of many are worth measuring is chosen here: the usual ones, then the widest gaps in log.
import { UsageError } from "@snellen/graph";

/** Group counts that people use: one for all, fixed 32, 16 channels each, one each. */
const FIXED_GROUPS = 32;
const FIXED_CHANNELS = 16;
const MOST_CANDIDATES = 16;

/**
 * All divisors, ascending.
 * @param count whole number from 1
 * @throws UsageError `bad-channels`
 */
export function divisors(count: number): number[] {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError("bad-channels", `${count} is not a number of channels.`, {
      hint: "Give a whole number from 1.",
    });
  const low: number[] = [];
  for (let d = 1; d * d <= count; d++) if (count % d === 0) low.push(d);
  const high = low.map((d) => count / d).reverse();
  return [...low, ...(low.at(-1) === high[0] ? high.slice(1) : high)];
}

/**
 * Numbers of groups to try for `channels`, ascending: all divisors where they are at most 16. Else 16 of them: 1, C, the largest
 * up to 32, the largest up to C/16, and those that halve the widest gaps in log.
 * @throws UsageError `bad-channels`
 */
export function candidateGroups(channels: number): number[] {
  const all = divisors(channels);
  if (all.length <= MOST_CANDIDATES) return all;
  const largestUpTo = (limit: number) => all.findLast((d) => d <= limit) ?? 1;
  const chosen = new Set([1, channels, largestUpTo(FIXED_GROUPS), largestUpTo(channels / FIXED_CHANNELS)]);
  while (chosen.size < MOST_CANDIDATES) {
    const distance = (d: number) => Math.min(...[...chosen].map((e) => Math.abs(Math.log(d / e))));
    chosen.add(all.reduce((best, d) => (distance(d) > distance(best) + 1e-9 ? d : best)));
  }
  return all.filter((d) => chosen.has(d));
}
