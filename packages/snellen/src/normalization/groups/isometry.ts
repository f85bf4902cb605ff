// How near gradients are to isometry: which of several gains is nearest to one, and how even lengths are over layers.
// Derived here (methods.md §1): distance by the logarithm, ties to fewer groups.

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

/** Standard deviation of logarithms over the layers: 0 is isometric; null where no gradient arrives somewhere. */
export function spreadOf(logs: readonly (number | null)[]): number | null {
  if (!logs.every((v) => v !== null)) return null;
  const mean = logs.reduce((sum, v) => sum + v, 0) / logs.length;
  return Math.sqrt(logs.reduce((sum, v) => sum + (v - mean) ** 2, 0) / logs.length);
}
