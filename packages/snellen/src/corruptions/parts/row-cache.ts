// Rows that are computed when they are first asked for and kept while neighbours need them: a window over a picture in which nothing
// is computed twice as long as rows are asked for roughly in order.

/**
 * @param kept rows that are kept; those asked for between two uses of a row must lie within so many
 * @param row makes room for one row
 * @param make computes row `y` into an array whose old values are anybody's
 */
export function rowCache<T>(
  kept: number,
  row: () => T,
  make: (y: number, into: T) => void,
): (y: number) => T {
  const rows = Array.from({ length: kept }, row);
  const holds = new Int32Array(kept).fill(-1);
  return (y) => {
    const slot = y % kept;
    const found = rows[slot]!;
    if (holds[slot] !== y) {
      make(y, found);
      holds[slot] = y;
    }
    return found;
  };
}
