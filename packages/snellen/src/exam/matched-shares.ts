// The difference of two shares on the same images: what is right with one model and wrong with the other decides. Agresti & Min,
// Statistics in Medicine 24 (2005): Wald's interval after half an image more in each of the four cells.
const Z = 1.959964;

export interface MatchedDifference {
  /** Second less first, −1 to 1. */
  readonly value: number;
  /** 95 %, −1 to 1. */
  readonly interval: readonly [low: number, high: number];
  /** Images that both have. */
  readonly images: number;
}

/**
 * @param first a character an image: `1` right, `0` wrong, anything else without an outcome
 * @param second of the same images in the same order
 * @returns undefined where the two have no image in common
 */
export function matchedDifference(first: string, second: string): MatchedDifference | undefined {
  let [images, gained, lost] = [0, 0, 0];
  for (let i = 0; i < Math.min(first.length, second.length); i++) {
    const pair = `${first[i]}${second[i]}`;
    if (!/^[01]{2}$/.test(pair)) continue;
    images++;
    if (pair === "01") gained++;
    if (pair === "10") lost++;
  }
  if (images === 0) return undefined;
  const n = images + 2;
  const centre = (gained - lost) / n;
  const half = (Z * Math.sqrt(gained + lost + 1 - (gained - lost) ** 2 / n)) / n;
  return {
    value: (gained - lost) / images,
    interval: [Math.max(-1, centre - half), Math.min(1, centre + half)],
    images,
  };
}
