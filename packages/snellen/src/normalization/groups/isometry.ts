// Which of several gains is nearest to one. Derived here (methods.md §1): distance by the logarithm, ties to fewer groups.

/** Difference of |log gain| up to which measured gains are equal: about what they are known to. */
const MEASURED_TIE = 0.01;

/** The groups whose gain is nearest to 1 in log; of those within `tie` of it the fewest; null where no gain is known. */
export function nearestIsometry(
  gains: readonly { readonly groups: number; readonly gain: number | null }[],
  tie = MEASURED_TIE,
): number | null {
  const known = gains.flatMap(({ groups, gain }) =>
    gain === null || gain <= 0 ? [] : [{ groups, distance: Math.abs(Math.log(gain)) }],
  );
  const best = Math.min(...known.map(({ distance }) => distance));
  const tied = known.filter(({ distance }) => distance <= best + tie).map(({ groups }) => groups);
  return tied.length === 0 ? null : Math.min(...tied);
}
