// Oracle: counts of orders by hand, and SciPy 1.17 (spearmanr, pearsonr, permutation_test over pairings).
import { describe, expect, it } from "vitest";
import { relation } from "./relation.ts";

const X = [3.1, 1.2, 5.5, 4.0, 2.2, 6.1, 0.4, 7.3, 3.3];
const Y = [0.61, 0.55, 0.72, 0.58, 0.66, 0.7, 0.5, 0.69, 0.75];
const pairs = (n: number) => X.slice(0, n).map((x, i): [number, number] => [x, Y[i] as number]);

describe("relation", () => {
  it("counts out all orders of a few networks", () => {
    const { spearman, pearson, p, smallestP } = relation(pairs(5), 0);
    expect(spearman).toBeCloseTo(0.6, 12);
    expect(pearson).toBeCloseTo(0.6715578509504765, 12);
    expect(p).toBe(0.35);
    expect(smallestP).toBe(2 / 120);
  });

  it("draws orders of more networks", () => {
    const { spearman, p } = relation(pairs(9), 0);
    expect(spearman).toBeCloseTo(2 / 3, 12);
    // 10,000 orders: a standard error of 0.0024 about scipy's p
    expect(Math.abs((p ?? 0) - 0.0588)).toBeLessThan(0.008);
  });

  it("knows that the best order of three networks comes up in two of six", () => {
    const { p, smallestP, interval } = relation(
      [
        [1, 0.1],
        [2, 0.2],
        [3, 0.3],
      ],
      0,
    );
    expect([p, smallestP, interval]).toEqual([1 / 3, 1 / 3, null]);
  });

  it("says nothing of two networks, or of sizes that are all the same", () => {
    expect(relation(pairs(2), 0)).toEqual({
      networks: 2,
      pearson: null,
      spearman: null,
      interval: null,
      p: null,
      smallestP: null,
    });
    expect(
      relation(
        pairs(4).map(([, y]): [number, number] => [1, y]),
        0,
      ).p,
    ).toBeNull();
  });

  it("has an interval about the rank correlation, never beyond 1", () => {
    const [low, high] = relation(pairs(9), 0).interval ?? [0, 0];
    // Fisher's z by hand: atanh(2/3) = 0.80472, half-width 1.96 · √((1 + 2/9) / 6) = 0.88463
    expect(low).toBeCloseTo(Math.tanh(0.80472 - 0.88463), 4);
    expect(high).toBeCloseTo(Math.tanh(0.80472 + 0.88463), 4);
  });
});
