// Trainings as small as they get, on drawn letters. Oracles: the closed form (methods.md §1) for gains at the start, algebra (a group
// of one linear unit passes no gradient), a runtime that fails for what a journal must give, numbers that overflow for divergence.
import { describe, expect, it } from "vitest";
import { mlp } from "../../networks/index.ts";
import { createNodeRuntime } from "../../node/runtime.ts";
import { openTrainingData } from "../../node/training-data.ts";
import { documentMarkdown } from "../../report/document.ts";
import { dataFacts, type TrainingStudy } from "../training-study.ts";
import { trainingSections } from "./report-trainings.ts";
import { type GroupTrainingEffort, groupRecipes, groupTrainings } from "./train-groups.ts";
import { fixedChoices, type GroupedNetwork } from "./trained-networks.ts";

const open = (split: "train" | "test") => openTrainingData("optotypes:size=32,count=64", { split });
const data = { train: await open("train"), test: await open("test") };

const EFFORT: GroupTrainingEffort = { kinds: 1, seeds: 1, train: 64, test: 20, epochs: 1, numbers: 3 };
const training = (runtime = createNodeRuntime()): TrainingStudy<GroupTrainingEffort> => ({
  bench: { runtime, session: { threads: 1 } },
  data,
  effort: EFFORT,
});
const network = (rate: number): GroupedNetwork => ({
  name: "small MLP",
  build: (pictures, groups, seed) =>
    mlp.build({ ...pictures, widths: [64, 64, 64], normalization: "gn", groups }, seed),
  recipe: { batch: 32, optimizer: "sgd", momentum: 0.9, decay: 0, rate },
  length: 2,
});

describe("groupTrainings", () => {
  it("trains every choice from the same weights, once for equal groups, and goes on from what was kept", async () => {
    const kept = new Map<string, unknown>();
    const keep = async (key: string, value: unknown) => {
      kept.set(key, JSON.parse(JSON.stringify(value)));
    };
    const runs = await groupTrainings({ seed: 0, keep }, training(), [network(0.01)]);
    const find = (choice: string) => runs.find((run) => run.choice === choice);
    expect(runs.map(({ choice }) => choice)).toEqual([
      "advised by norm",
      "advised by variance",
      "G = 1",
      "G = 8",
      "G = 64",
      "G = 32",
      "16 channels a group",
      "G = C",
    ]);
    expect(find("16 channels a group")?.groups).toEqual([4, 4, 4]);
    expect({ ...find("G = C"), choice: "" }).toEqual({ ...find("G = 64"), choice: "" });
    for (const { epochs, losses, isDiverged } of runs)
      expect([epochs, losses.length, isDiverged]).toEqual([2, 2, false]);
    expect(find("G = 1")?.losses[0]).not.toBe(find("G = 8")?.losses[0]);
    // the gain of m = 8 channels a group is (m − 2)/(m − 3); pictures are few
    expect(Math.exp(find("G = 8")?.distance as number)).toBeCloseTo(6 / 5, 1);
    expect(Math.exp(find("G = 1")?.distance as number)).toBeCloseTo(62 / 61, 1);
    expect(find("G = 8")?.distanceByVariance).toBe(find("G = 8")?.distance);
    const last = find("G = C");
    expect(last?.distance === null || (last?.distance ?? 0) > 5).toBe(true);

    const broken = { ...createNodeRuntime(), createSession: () => Promise.reject(new Error("none left")) };
    const recall = (key: string) => kept.get(key);
    expect(await groupTrainings({ seed: 0, recall }, training(broken), [network(0.01)])).toEqual(runs);
    await expect(groupTrainings({ seed: 1, recall }, training(broken), [network(0.01)])).rejects.toThrow(
      "none left",
    );

    const on = { data: dataFacts(data), effort: EFFORT, recipes: groupRecipes(EFFORT) };
    const page = documentMarkdown({ title: "", intro: [], sections: trainingSections(runs, on, 0) });
    expect(page).toContain("G = 64, G = C");
    expect(page).toContain("1 seeds of weights and order");
    expect(trainingSections([], null, 0)).toEqual([]);
  }, 60_000);

  it("takes divergence for a result, and stops between pieces when it is told to", async () => {
    const abort = new AbortController();
    const kept: unknown[] = [];
    const keep = async (key: string, value: unknown) => {
      if (!key.startsWith("trained")) return;
      kept.push(value);
      abort.abort();
    };
    const stopped = groupTrainings({ seed: 0, keep, signal: abort.signal }, training(), [network(1e30)]);
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(kept).toMatchObject([{ isDiverged: true, accuracy: 0.1, losses: [] }]);
  }, 60_000);
});

describe("fixedChoices", () => {
  it("fits 32 groups, and 16 channels, to each layer, and sweeps what divides all", () => {
    const choices = fixedChoices([48, 16], 3);
    expect(choices).toEqual([
      { choice: "G = 1", groups: [1, 1] },
      { choice: "G = 4", groups: [4, 4] },
      { choice: "G = 16", groups: [16, 16] },
      { choice: "G = 32", groups: [24, 16] },
      { choice: "16 channels a group", groups: [3, 1] },
      { choice: "G = C", groups: [48, 16] },
    ]);
  });
});
