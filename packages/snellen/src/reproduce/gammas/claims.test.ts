// Oracle: verdicts by hand from made-up numbers on either side of each bound.
import { describe, expect, it } from "vitest";
import { deviation, gammasClaims } from "./claims.ts";
import type { GammaRun, GammasExperiment, MeasuredGamma } from "./experiment.ts";
import type { GammaTraining } from "./trainings.ts";

const gamma = (more: Partial<MeasuredGamma> = {}): MeasuredGamma => ({
  parameter: "bn.weight",
  category: "scale-invariant",
  nearly: false,
  scaleChange: 1e-6,
  agrees: true,
  products: [
    { factor: 0.5, product: 1.01 },
    { factor: 4, product: 0.99 },
  ],
  ...more,
});

const run = (half: number, gammas: readonly MeasuredGamma[] = [gamma()]): GammaRun => ({
  blocks: ["a", "b"],
  ratios: [
    { category: "branch-last", gamma: 1, ratios: [1, 2] },
    { category: "branch-last", gamma: 0.5, ratios: [half, 2 * half] },
    { category: "shortcut", gamma: 1, ratios: [1, 2] },
    { category: "shortcut", gamma: 0.5, ratios: [half, 2 * half] },
  ],
  gammas,
});

const claimsOf = (runs: readonly GammaRun[], trainings: readonly GammaTraining[] = []) => {
  const experiment: GammasExperiment = {
    version: 1,
    seed: 0,
    effort: { networks: runs.length, draws: 1, depth: 1, activations: 1 },
    studies: [{ network: "net", runs }],
    models: [],
    trainings,
    trainedOn: null,
  };
  return (id: string) => gammasClaims(experiment).find((claim) => claim.id === id)?.findings ?? [];
};

const EIGHT = [...new Array(8).keys()];

describe("gammasClaims", () => {
  it.each([
    [0.25, "holds", "does not hold"],
    [4, "does not hold", "holds"],
  ])("of blocks that change by %s: branch-last %s, shortcut %s", (half, branch, shortcut) => {
    const find = claimsOf(EIGHT.map((k) => run(half + k / 100)));
    expect(find("branch-last")).toMatchObject([{ subject: "net", verdict: branch }]);
    expect(find("shortcut")).toMatchObject([{ subject: "net", verdict: shortcut }]);
  });

  it("does not decide on three networks, nor speak of what a network has not", () => {
    expect(claimsOf([0, 1, 2].map((k) => run(0.2 + k)))("branch-last")[0]?.verdict).toBe("undecided");
    expect(claimsOf([{ ...run(1), ratios: [] }])("branch-last")).toEqual([]);
  });

  it.each([
    [[true, true], "holds"],
    [[true, null], "holds"],
    [[null, null], "undecided"],
    [[true, false], "does not hold"],
  ])("of γ that agree as %j: scale invariance %s", (agreements, verdict) => {
    const find = claimsOf([
      run(
        1,
        agreements.map((agrees) => gamma({ agrees })),
      ),
    ]);
    expect(find("scale-invariance")).toMatchObject([{ verdict }]);
  });

  it("keeps exactly and nearly invariant γ apart, and others from both", () => {
    const far = { products: [{ factor: 2, product: 1.2 }] };
    const find = claimsOf([
      run(1, [
        gamma(),
        gamma({ nearly: true, ...far }),
        gamma({ category: "terminal", ...far }),
        gamma({ category: "terminal", products: [{ factor: 2, product: null }] }),
      ]),
    ]);
    expect(find("effective-rate")).toMatchObject([
      { subject: "net", verdict: "holds" },
      { subject: "net, nearly scale-invariant", verdict: "does not hold" },
    ]);
    expect(find("effective-rate-others")).toMatchObject([
      { verdict: "holds", measured: expect.stringMatching(/^1 of 1 γ/) },
    ]);
    const most = claimsOf([run(1, [gamma(), gamma(), gamma(far)])]);
    expect(most("effective-rate")).toMatchObject([{ verdict: "undecided" }]);
  });

  it("waits for trainings, and compares them in pairs", () => {
    expect(claimsOf([])("applicable").map(({ verdict }) => verdict)).toEqual(
      new Array(3).fill("not measured yet: needs training"),
    );
    const training = (decayed: GammaTraining["decayed"], seed: number, accuracy: number): GammaTraining => ({
      network: "net",
      decayed,
      strength: 0.01,
      seed,
      epochs: 4,
      isDiverged: false,
      accuracy,
      testLoss: 1,
      losses: [1],
      effectiveRates: [],
      varianceRatio: decayed === "none" ? 1 : 0.5,
      effectiveRate: null,
    });
    const trainings = EIGHT.flatMap((seed) => [
      training("none", seed, 0.8),
      training("branch-last", seed, 0.82 + seed / 1000),
      training("terminal", seed, 0.82 + seed / 1000),
    ]);
    const find = claimsOf([], trainings);
    expect(find("applicable")[0]?.verdict).toBe("holds");
    expect(find("inapplicable")[1]?.verdict).toBe("does not hold");
    expect(find("trained-variance")[0]?.verdict).toBe("holds");
    expect(find("trained-rate")[0]?.verdict).toBe("not measured yet: needs training");
    // a stronger decay is another setting: nothing to compare it with
    const others = trainings.map((t) => (t.decayed === "none" ? { ...t, strength: 0.1 } : t));
    expect(claimsOf([], others)("applicable")[0]?.verdict).toBe("not measured yet: needs training");
  });
});

describe("deviation", () => {
  it("is the largest in either direction, in log", () => {
    expect(deviation(gamma({ products: [{ factor: 2, product: 0.5 }] }))).toBeCloseTo(Math.LN2, 10);
    expect(deviation(gamma({ products: [] }))).toBeUndefined();
  });
});
