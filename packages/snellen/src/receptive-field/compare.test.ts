// Models side by side. Oracles: SciPy 1.17 (spearmanr, pearsonr and the exact share of 5! orders, as in relation.test.ts), roots by
// hand.
import { describe, expect, it } from "vitest";
import { type ComparedModel, relateToAccuracy } from "./compare.ts";
import { meanSigma } from "./size/mean-sigma.ts";

const [SIZES, ACCURACIES] = [
  [3.1, 1.2, 5.5, 4.0, 2.2],
  [0.61, 0.55, 0.72, 0.58, 0.66],
];
/** √(σx·σy) is the size, √(rows·columns) four times as much. */
const models = SIZES.map(
  (size, i): ComparedModel => ({
    sigmaX: 2 * size,
    sigmaY: size / 2,
    theoretical: [2 * size, 8 * size],
    l1Normalized: -size,
    parameters: 7,
    accuracy: ACCURACIES[i] as number,
  }),
);
const PEARSON = 0.6715578509504765;

describe("relateToAccuracy", () => {
  it("has correlation, interval and chance of each number", () => {
    const [sigma, theoretical, unevenness, parameters] = relateToAccuracy(models);
    const known = { with: "accuracy", models: 5, p: 0.35, smallestP: 2 / 120 };
    const [rank, r] = [expect.closeTo(0.6, 10), expect.closeTo(PEARSON, 10)];
    // Fisher's z by hand: atanh(0.6) = ln 2, half-width 1.96 · √(1.18 / 2) = 1.50550
    const interval = [
      expect.closeTo(Math.tanh(Math.LN2 - 1.5055), 4),
      expect.closeTo(Math.tanh(Math.LN2 + 1.5055), 4),
    ];
    expect(sigma).toEqual({ of: "sigma", ...known, pearson: r, spearman: rank, interval });
    expect(theoretical).toEqual({ of: "theoretical size", ...known, pearson: r, spearman: rank, interval });
    expect(unevenness).toMatchObject({ of: "l1Normalized", pearson: expect.closeTo(-PEARSON, 10), p: 0.35 });
    // the same everywhere
    expect(parameters).toMatchObject({ of: "parameters", models: 5, pearson: null, spearman: null, p: null });
  });

  it("leaves out models that lack a number, and says nothing of two", () => {
    const [first, second, third, ...others] = models as [ComparedModel, ComparedModel, ComparedModel];
    const lacking = [
      { ...first, sigmaX: null },
      { ...second, theoretical: [null, 9] as const },
      { ...third, theoretical: null, accuracy: null },
      ...others,
    ];
    expect(relateToAccuracy(lacking).map(({ of, models: count, p }) => [of, count, p === null])).toEqual([
      ["sigma", 3, false],
      ["theoretical size", 3, false],
      ["l1Normalized", 4, false],
      ["parameters", 4, true],
    ]);
    expect(relateToAccuracy(models.slice(0, 2))[0]).toStrictEqual({
      of: "sigma",
      with: "accuracy",
      models: 2,
      pearson: null,
      spearman: null,
      interval: null,
      p: null,
      smallestP: null,
    });
  });
});

it("meanSigma is that of a round Gaussian of the same area, 2·8 = 4·4, and null without one of them", () => {
  expect([meanSigma({ sigmaX: 2, sigmaY: 8 }), meanSigma({ sigmaX: 0, sigmaY: 3 })]).toEqual([4, 0]);
  expect([meanSigma({ sigmaX: null, sigmaY: 8 }), meanSigma({ sigmaX: 2 })]).toEqual([null, null]);
});
