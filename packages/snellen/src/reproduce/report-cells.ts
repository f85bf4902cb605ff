// What the pages write alike: numbers, intervals and counts as cells of a table.
import { shortNumber } from "../report/number.ts";
import { estimated } from "./claim.ts";

export const headed = (titles: readonly string[]) => titles.map((title) => ({ title }));
export const text = (value: number | null | undefined): string | null =>
  value == null ? null : shortNumber(value);
export const ratio = (estimate: Parameters<typeof estimated>[0]): string | null =>
  estimate === null ? null : estimated(estimate);

/** "1 (8), 2 (2)"; null where nothing was counted. */
export function counted(values: readonly (number | null)[]): string | null {
  if (values.length === 0) return null;
  const counts = new Map<number | null, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a ?? 0) - (b ?? 0))
    .map(([value, n]) => `${value ?? "none"} (${n})`)
    .join(", ");
}
