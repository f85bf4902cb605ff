// Oracle: differences by hand; with eight pairs that all agree, two of 2⁸ sign patterns are as far from chance.
import { describe, expect, it } from "vitest";
import { type TrainingRun, trainingClaims, trainingDifference } from "./trainings.ts";

const claimOf = (id: string) =>
  trainingClaims.find((claim) => claim.id === id) as (typeof trainingClaims)[number];

const run = (padded: boolean, seed: number, more: Partial<TrainingRun> = {}): TrainingRun => ({
  network: "net",
  task: "micro-object",
  padded,
  seed,
  epochs: 50,
  learnedAt: padded ? 15 : 30 + seed,
  accuracy: 0.9,
  L1Normalized: null,
  L1Before: null,
  curve: [],
  diverged: false,
  ...more,
});

const both = Array.from({ length: 8 }, (_, seed) => [run(true, seed), run(false, seed)]).flat();

describe("trainingDifference", () => {
  it("is padded minus not padded over pairs of a seed, whichever order runs come in", () => {
    const { count, mean, p } = trainingDifference(claimOf("micro-object"), [...both].reverse(), 0);
    expect([count, mean, p]).toEqual([8, -18.5, 2 / 256]);
  });

  it("leaves out runs without a partner, of other tasks, and without the number", () => {
    const alone = [run(true, 1), run(false, 2), run(false, 1, { network: "other" })];
    expect(trainingDifference(claimOf("micro-object"), alone, 0).count).toBe(0);
    expect(trainingDifference(claimOf("classification"), both, 0).count).toBe(0);
    const classified = both.map((r) => ({ ...r, task: "classification" as const }));
    expect(trainingDifference(claimOf("trained-l1"), classified, 0)).toMatchObject({
      count: 0,
      mean: undefined,
    });
  });

  it("takes a task that was never learned as learned after the last epoch", () => {
    const pair = [run(true, 0), run(false, 0, { learnedAt: null })];
    expect(trainingDifference(claimOf("micro-object"), pair, 0).mean).toBe(15 - 50);
  });
});
