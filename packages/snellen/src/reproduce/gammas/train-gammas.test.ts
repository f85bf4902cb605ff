// Trainings as small as they get, on drawn letters. Oracles: lr/C for γ of C channels that are 1, the definition of decay (what decays
// shrinks), a runtime that fails for what a journal must give, numbers that overflow for divergence.
import { describe, expect, it } from "vitest";
import { resnet, vit } from "../../networks/index.ts";
import { createNodeRuntime } from "../../node/runtime.ts";
import { openTrainingData } from "../../node/training-data.ts";
import { documentMarkdown } from "../../report/document.ts";
import { dataFacts, type TrainingStudy } from "../training-study.ts";
import { trainingSections } from "./report-trainings.ts";
import { type GammaTrainingEffort, gammaRecipes, gammaTrainings } from "./train-gammas.ts";
import { type DecayedNetwork, decayedNetworks, decayedSets } from "./trained-networks.ts";

const open = (split: "train" | "test") => openTrainingData("optotypes:size=32,count=40", { split });
const data = { train: await open("train"), test: await open("test") };

const EFFORT: GammaTrainingEffort = { kinds: 1, strengths: 1, seeds: 1, train: 40, test: 20, epochs: 3 };
const training = (runtime = createNodeRuntime()): TrainingStudy<GammaTrainingEffort> => ({
  bench: { runtime, session: { threads: 1 } },
  data,
  effort: EFFORT,
});
const WIDTH = 8;
const network = (rate: number): DecayedNetwork => ({
  name: "small ResNet",
  build: (pictures, seed) =>
    resnet.build({ ...pictures, stem: "pooled", blocks: [1], widths: [WIDTH] }, seed),
  recipe: { batch: 20, optimizer: "sgd", momentum: 0, rate },
  strengths: [0.1, 1],
});

describe("gammaTrainings", () => {
  it("decays the γ of each choice, follows them, and goes on from what was kept", async () => {
    const kept = new Map<string, unknown>();
    const keep = async (key: string, value: unknown) => {
      kept.set(key, JSON.parse(JSON.stringify(value)));
    };
    const runs = await gammaTrainings({ seed: 0, keep }, training(), [network(0.05)]);
    const find = (decayed: string) => runs.find((run) => run.decayed === decayed);
    expect(runs.map(({ decayed }) => decayed)).toContain("plan");
    expect(find("terminal")).toBeUndefined();
    for (const run of runs) {
      expect(run).toMatchObject({ strength: 1, epochs: 3, isDiverged: false });
      expect([run.losses.length, run.effectiveRates.length]).toEqual([3, 4]);
      expect(run.effectiveRates[0]).toBeCloseTo(0.05 / WIDTH, 8);
      expect(run.effectiveRates.at(-1)).toBe(run.effectiveRate);
    }
    // six steps of (1 − lr·decay) at most: the rate grows by less than (1 − 0.05)⁻¹²
    const rate = (decayed: string) => find(decayed)?.effectiveRate as number;
    for (const decayed of ["scale-invariant", "all", "plan"]) {
      expect(rate(decayed)).toBeGreaterThan(1.1 * rate("none"));
      expect(rate(decayed)).toBeLessThan(2 * rate("none"));
    }
    expect(rate("branch-last") / rate("none")).toBeCloseTo(1, 1);
    const ratio = (decayed: string) => find(decayed)?.varianceRatio as number;
    expect(ratio("branch-last")).toBeLessThan(ratio("none"));

    const broken = { ...createNodeRuntime(), createSession: () => Promise.reject(new Error("none left")) };
    const recall = (key: string) => kept.get(key);
    expect(await gammaTrainings({ seed: 0, recall }, training(broken), [network(0.05)])).toEqual(runs);

    const on = { data: dataFacts(data), effort: EFFORT, recipes: gammaRecipes(EFFORT) };
    const page = documentMarkdown({ title: "", intro: [], sections: trainingSections(runs, on, 0) });
    expect(page).toContain("small ResNet, decay 1: trainings by the γ that decay");
    expect(page).toContain("effective learning rate of the scale-invariant γ");
    expect(trainingSections([], null, 0)).toEqual([]);
  }, 60_000);

  it("takes divergence for a result, and stops between pieces when it is told to", async () => {
    const abort = new AbortController();
    const kept: unknown[] = [];
    const keep = async (_: string, value: unknown) => {
      kept.push(value);
      abort.abort();
    };
    const stopped = gammaTrainings({ seed: 0, keep, signal: abort.signal }, training(), [network(1e30)]);
    await expect(stopped).rejects.toThrow(/abort/i);
    const none = { accuracy: 0.1, varianceRatio: null, effectiveRate: null };
    expect(kept).toMatchObject([{ isDiverged: true, ...none }]);
  }, 60_000);
});

describe("decayedSets", () => {
  it("leaves out categories that a network has no γ of", () => {
    const names = (model: Parameters<typeof decayedSets>[0]) => [...decayedSets(model).keys()];
    const pictures = { classes: 10, size: [32, 32], channels: 1 } as const;
    expect(names(vit.build({ ...pictures, patch: 8, width: 8, depth: 1, heads: 2 }))).toEqual([
      "none",
      "branch-last",
      "terminal",
      "all",
      "plan",
    ]);
    for (const { build } of decayedNetworks) {
      const sets = decayedSets(build(pictures, 0));
      const singles = ["branch-last", "shortcut", "scale-invariant", "terminal"] as const;
      // every γ is in one category
      const sizes = singles.map((id) => sets.get(id)?.size ?? 0);
      expect(sets.get("all")?.size).toBe(sizes.reduce((sum, n) => sum + n, 0));
      expect(sets.get("plan")?.size).toBe((sizes[0] ?? 0) + (sizes[2] ?? 0));
    }
  });
});
