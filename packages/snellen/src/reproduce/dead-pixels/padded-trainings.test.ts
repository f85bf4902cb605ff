// Trainings as small as they get, on drawn pictures. Oracles: properties (padding leaves the function before training, so its L1; the
// last epoch's accuracy is the training's), fields by hand, a runtime that fails for what a journal must give.
import { describe, expect, it } from "vitest";
import { createNodeRuntime } from "../../node/runtime.ts";
import { openTrainingData } from "../../node/training-data.ts";
import { documentMarkdown } from "../../report/document.ts";
import { divergingRuntime, idleRuntime, memoryJournal } from "../test-support/trained-stand-ins.ts";
import { type DeadPixelOptions, reproduceDeadPixels } from "./experiment.ts";
import { type DeadPixelTraining, padAndTrain } from "./padded-trainings.ts";
import { deadPixelsDocument } from "./report.ts";
import { trainingSections } from "./report-trainings.ts";
import type { DeadPixelEffort } from "./training-effort.ts";
import type { TrainingRun } from "./trainings.ts";

const open = (split: "train" | "test") => openTrainingData("optotypes:size=32,count=64", { split });
const data = { train: await open("train"), test: await open("test") };

const EFFORT: DeadPixelEffort = {
  seeds: 1,
  tasks: {
    "micro-object": { train: 32, test: 10, epochs: 2 },
    classification: { train: 64, test: 10, epochs: 1 },
  },
  side: 32,
  networks: 1,
  family: { train: 64, test: 10, epochs: 1, seeds: 1, widths: [4] },
  fieldImages: 10,
};
const training = (runtime = createNodeRuntime()): DeadPixelTraining => ({
  bench: { runtime, session: { threads: 1 } },
  data,
  effort: EFFORT,
});

const options = (more: Partial<DeadPixelOptions>): DeadPixelOptions => ({
  seed: 3,
  pixels: 1,
  perturbedImages: 0,
  ...more,
});

describe("reproduceDeadPixels, trainings", () => {
  it("trains with and without padding from one function, and a family; goes on from its journal", async () => {
    const { kept, recall, keep } = memoryJournal();
    const journal = {
      recall: (kind: string, key: string) => recall(`${kind} ${key}`) as never,
      keep: (kind: string, key: string, value: unknown) => keep(`${kind} ${key}`, value),
    };
    const steps: number[] = [];
    const onProgress = (_: string, done: number) => void steps.push(done);
    const result = await reproduceDeadPixels([], options({ training: training(), ...journal, onProgress }));
    const { trainings, family, regime } = result;
    expect(trainings.map(({ task, network, padded, seed }) => [task, network, padded, seed])).toEqual([
      ["micro-object", "ResNet", false, 3000],
      ["micro-object", "ResNet", true, 3000],
      ["classification", "ResNet", false, 3000],
      ["classification", "ResNet", true, 3000],
    ]);
    for (const [i, run] of trainings.entries()) {
      expect(run.curve).toHaveLength(run.epochs);
      expect(run.curve.at(-1)).toBe(run.accuracy);
      expect(run.L1Normalized).toBeGreaterThan(0);
      expect(run.L1Normalized).not.toBe(run.L1Before);
      // kernels of other sizes sum in another order
      if (run.padded) expect(run.L1Before).toBeCloseTo(trainings[i - 1]?.L1Before ?? 0, 4);
    }
    // 1 + Σ (kernel − 1) · stride before it, of two layers and of four that stride at the first and third
    expect(family.map(({ theoretical }) => theoretical)).toEqual([7, 13, 19, 19, 37, 55]);
    expect(family.every(({ accuracy, parameters }) => accuracy >= 0 && parameters > 0)).toBe(true);
    expect(regime).toMatchObject({ data: { name: "optotypes", train: 64, test: 64 }, effort: EFFORT });
    expect(Math.max(...steps)).toBe(1);

    const pieces = kept.size;
    const again = options({ training: training(idleRuntime), ...journal });
    expect(await reproduceDeadPixels([], again)).toEqual(JSON.parse(JSON.stringify(result)));
    expect([kept.size, pieces]).toEqual([10, 10]);

    const page = documentMarkdown(deadPixelsDocument(result));
    expect(page).toContain("## Trainings on micro-objects");
    expect(page).toContain("1 pairs cannot give a p below 1: every comparison stays undecided.");
    expect(page).toContain("| kernel 7, 4 layers, width 4 |");
    expect(page).toMatch(/\| trained-l1 \| ResNet \| undecided \|/);
  }, 60_000);

  it("takes divergence for a result of chance, and stops between trainings when it is told to", async () => {
    const abort = new AbortController();
    const made: TrainingRun[] = [];
    const keep = async (_: string, run: unknown) => {
      made.push(run as TrainingRun);
      abort.abort();
    };
    const stopped = padAndTrain(training(divergingRuntime()), { seed: 0, keep, signal: abort.signal });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(made).toMatchObject([
      { diverged: true, accuracy: 0.5, learnedAt: null, L1Normalized: null, curve: [] },
    ]);
    expect(made[0]?.L1Before).toBeGreaterThan(0);
    const regime = { data: { name: "letters", train: 1, test: 1 }, effort: EFFORT };
    const [section] = trainingSections({ trainings: made, family: [], regime });
    expect(section?.text).toContain("1 of 1 trainings diverged: their accuracy counts as that of chance.");
  }, 60_000);

  it("says nothing of trainings where there are none", async () => {
    const result = await reproduceDeadPixels([], options({}));
    expect(result).toMatchObject({ trainings: [], family: [], regime: null });
    expect(documentMarkdown(deadPixelsDocument(result))).not.toContain("## Trainings");
  });
});
