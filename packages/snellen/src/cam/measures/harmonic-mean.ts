// The harmonic mean of shares, which is low as soon as one of them is.

/** Of numbers from 0 to 1; 0 where one is 0, undefined where one is. */
export function harmonicMean(shares: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const share of shares) {
    if (share === undefined) return undefined;
    sum += 1 / share;
  }
  return shares.length / sum;
}
