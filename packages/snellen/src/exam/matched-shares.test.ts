// Oracles: the interval by hand, and its coverage counted out over every outcome of a few images.
import { describe, expect, it } from "vitest";
import { matchedDifference } from "./matched-shares.ts";

/** So many images that were gained, lost, right with both. */
const outcomes = (gained: number, lost: number, same: number) =>
  matchedDifference(
    "0".repeat(gained) + "1".repeat(lost + same),
    "1".repeat(gained) + "0".repeat(lost) + "1".repeat(same),
  );

describe("matchedDifference", () => {
  it("counts the images that both have", () => {
    expect(matchedDifference("01-01", "11110")).toMatchObject({ value: 0.25, images: 4 });
    expect(matchedDifference("0-", "1")).toMatchObject({ value: 1, images: 1 });
    expect(matchedDifference("-1", "1-")).toBeUndefined();
    expect(matchedDifference("", "1")).toBeUndefined();
  });

  it("adds half an image to each cell", () => {
    // 4.5 gained and 0.5 lost of 102: 4 / 102 ± 1.96 · √(5 − 16 / 102) / 102
    const found = outcomes(4, 0, 96);
    expect(found?.value).toBe(0.04);
    expect(found?.interval[0]).toBeCloseTo(4 / 102 - (1.959964 * Math.sqrt(5 - 16 / 102)) / 102, 12);
    expect(found?.interval[1]).toBeCloseTo(4 / 102 + (1.959964 * Math.sqrt(5 - 16 / 102)) / 102, 12);
  });

  it("is certain of as many changes as the exact test is, about: 4 to 0 may be chance, 6 to 0 is none", () => {
    // McNemar's exact p: 2 · 0.5⁴ = 0.125, 2 · 0.5⁶ = 0.03
    expect(outcomes(4, 0, 96)?.interval[0]).toBeLessThan(0);
    expect(outcomes(6, 0, 94)?.interval[0]).toBeGreaterThan(0);
    expect(outcomes(0, 6, 94)?.interval[1]).toBeLessThan(0);
    expect(outcomes(0, 0, 100)?.interval[0]).toBeLessThan(0);
  });

  it.each([
    [0.1, 0.1],
    [0.2, 0.05],
    [0.3, 0.2],
  ])("holds the truth in about 0.95 of draws, where %f are gained and %f lost", (gain, loss) => {
    const n = 30;
    const logFactorial = Array.from({ length: n + 1 }, () => 0);
    for (let k = 1; k <= n; k++) logFactorial[k] = (logFactorial[k - 1] as number) + Math.log(k);
    let covered = 0;
    for (let gained = 0; gained <= n; gained++)
      for (let lost = 0; lost + gained <= n; lost++) {
        const same = n - gained - lost;
        const ways = [gained, lost, same].reduce(
          (rest, k) => rest - (logFactorial[k] as number),
          logFactorial[n] as number,
        );
        const p = Math.exp(
          ways + gained * Math.log(gain) + lost * Math.log(loss) + same * Math.log(1 - gain - loss),
        );
        const [low, high] = outcomes(gained, lost, same)?.interval ?? [0, 0];
        if (low <= gain - loss && gain - loss <= high) covered += p;
      }
    // of few counts it cannot be exact
    expect(covered).toBeGreaterThan(0.935);
    expect(covered).toBeLessThan(0.985);
  });
});
