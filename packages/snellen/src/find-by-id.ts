// Finds an entry of a registry by the id that people give.
import { closest, UsageError } from "@snellen/graph";

/** How a registry's entries are asked for. */
export interface IdError {
  /** The error's code, such as `unknown-method`. */
  readonly code: string;
  /** What an entry is, such as `method`. */
  readonly what: string;
  /** The flag that takes it. */
  readonly flag: string;
}

/** @throws UsageError `code` with the nearest known id */
export function findById<T extends { readonly id: string }>(
  entries: readonly T[],
  id: string,
  { code, what, flag }: IdError,
): T {
  const found = entries.find((entry) => entry.id === id);
  if (found !== undefined) return found;
  const ids = entries.map((entry) => entry.id);
  throw new UsageError(code, `no ${what} "${id}".`, {
    where: flag,
    hint: `Did you mean "${closest(id, ids)}"? Known: ${ids.join(", ")}.`,
  });
}
