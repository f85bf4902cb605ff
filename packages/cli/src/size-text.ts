// Sizes of fields as people read them.

/** A size as people read it: one number where both are equal, rows first. */
export function sizeText(size: readonly [number | null, number | null] | undefined): string {
  if (size === undefined) return "?";
  const [rows, columns] = size.map((side) =>
    side === null ? "whole image" : String(Math.round(10 * side) / 10),
  );
  return rows === columns ? (rows as string) : `${rows} x ${columns}`;
}
