// The nearest known name to one that nobody knows, for error messages.
import { closest as nearest } from "fastest-levenshtein";

/** The candidate with the smallest edit distance to `wanted`; "" without candidates. */
export const closest = (wanted: string, candidates: readonly string[]): string =>
  nearest(wanted, candidates) ?? "";
