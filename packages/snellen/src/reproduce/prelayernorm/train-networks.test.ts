// Trainings as small as they get, on drawn letters. Oracles: properties (a picture is corrupted once whatever the number of networks; means
// are means; patches that are normalized before the projection do not answer to fading), a runtime that fails for what a journal must give.
import { describe, expect, it } from "vitest";
import { createCorruptor } from "../../corruptions/corruptor.ts";
import { createNodeRuntime } from "../../node/runtime.ts";
import { openTrainingData } from "../../node/training-data.ts";
import { documentMarkdown } from "../../report/document.ts";
import { UNMEASURED } from "../claims-section.ts";
import { divergingRuntime, idleRuntime, memoryJournal } from "../test-support/trained-stand-ins.ts";
import { type PreLayerNormOptions, reproducePreLayerNorm } from "./experiment.ts";
import { leastCosine } from "./measured-training.ts";
import { preLayerNormDocument } from "./report.ts";
import { trainingSections } from "./report-trainings.ts";
import {
  inputOptions,
  type PreLayerNormEffort,
  type PreLayerNormStudy,
  preLayerNormRegime,
} from "./training-effort.ts";
import { type PreLayerNormTraining, preLayerNormTrainingClaims } from "./trainings.ts";

const open = (split: "train" | "test") => openTrainingData("optotypes:size=32,count=64", { split });
const data = { train: await open("train"), test: await open("test") };

const EFFORT: PreLayerNormEffort = {
  seeds: 1,
  train: 64,
  test: 10,
  epochs: 1,
  corrupted: 10,
  scaled: 10,
  modes: ["after-projection", "before-projection"],
};
const training = (runtime = createNodeRuntime()): PreLayerNormStudy => ({
  bench: { runtime, session: { threads: 1 } },
  data,
  effort: EFFORT,
});

const CORRUPTIONS = ["brightness", "contrast", "contrast_enhancement"];

function countingCorruptor() {
  const corruptor = createCorruptor();
  const counted = { pictures: 0 };
  const corrupt: typeof corruptor.corrupt = (images, ...rest) => {
    counted.pictures += images.length;
    return corruptor.corrupt(images, ...rest);
  };
  return { corruptor: { ...corruptor, corrupt }, counted };
}

const options = (more: Partial<PreLayerNormOptions>): PreLayerNormOptions => ({
  seed: 2,
  corruptor: createCorruptor(),
  corruptions: CORRUPTIONS,
  ...more,
});

describe("reproducePreLayerNorm, trainings", () => {
  it("trains and measures all alike, corrupts each picture once, and goes on from its journal", async () => {
    const { kept, recall, keep } = memoryJournal();
    const { corruptor, counted } = countingCorruptor();
    const steps: number[] = [];
    const onProgress = (_: string, done: number) => void steps.push(done);
    const given = options({ training: training(), corruptor, recall, keep, onProgress });
    const result = await reproducePreLayerNorm([], given);
    const { trainings } = result;
    expect(
      trainings.map(({ network, kind, preLayerNorm, seed }) => [network, kind, preLayerNorm, seed]),
    ).toEqual([
      ["optotypes", "vit", null, 2000],
      ["optotypes", "vit", "after-projection", 2000],
      ["optotypes", "vit", "before-projection", 2000],
      ["optotypes", "cnn", null, 2000],
    ]);
    expect(counted.pictures).toBe(10 * 5 * CORRUPTIONS.length);
    for (const { clean, accuracy, corruptions, corrupted, enhanced, scales, kind } of trainings) {
      expect(clean).toBeCloseTo(accuracy, 12);
      expect(corruptions.map(({ id, accuracies }) => [id, accuracies.length])).toEqual(
        CORRUPTIONS.map((id) => [id, 5]),
      );
      const mean = (which: readonly number[]) =>
        which.flatMap((i) => corruptions[i]?.accuracies ?? []).reduce((a, b) => a + b, 0) /
        (5 * which.length);
      expect(corrupted).toBeCloseTo(mean([0, 1]), 12);
      expect(enhanced).toBeCloseTo(mean([2]), 12);
      expect(scales.length > 0).toBe(kind === "vit");
    }
    const [plain, , before] = trainings;
    const faded = (of: typeof plain) => ({
      scales: of?.scales.filter((own) => own.direction === "faded") ?? [],
    });
    expect(leastCosine(faded(before))).toBeGreaterThan(0.98);
    expect(leastCosine(faded(plain))).toBeLessThan(0.9);
    // LayerNorm has γ and β of a width of 64, or of a patch of 8 × 8 × 3
    expect(trainings.map(({ parameters }) => parameters - (plain?.parameters ?? 0)).slice(1, 3)).toEqual([
      128, 384,
    ]);
    expect(Math.max(...steps)).toBe(1);

    const pieces = kept.size;
    const again = options({ training: training(idleRuntime), recall, keep });
    expect(await reproducePreLayerNorm([], again)).toEqual(JSON.parse(JSON.stringify(result)));
    expect([kept.size, pieces]).toEqual([4, 4]);

    const page = documentMarkdown(preLayerNormDocument(result));
    expect(page).toContain("## Trained alike: along contrast enhancement");
    expect(page).toMatch(/\| trained-contrast \| ViT with PreLayerNorm against ViT \| undecided \|/);
    expect(page).not.toContain("pictures are grey");
  }, 60_000);

  it("takes divergence for a result, and stops between trainings when it is told to", async () => {
    const abort = new AbortController();
    const made: PreLayerNormTraining[] = [];
    const keep = async (_: string, run: unknown) => {
      made.push(run as PreLayerNormTraining);
      abort.abort();
    };
    const given = options({ training: training(divergingRuntime()), keep, signal: abort.signal });
    await expect(reproducePreLayerNorm([], given)).rejects.toThrow(/abort/i);
    expect(made).toMatchObject([{ diverged: true, accuracy: 0.1, clean: null, corruptions: [], scales: [] }]);
    const [section] = trainingSections(made, preLayerNormRegime(training()), 0);
    expect(section?.text).toContain("1 of 1 trainings diverged and were not measured under corruptions.");
    const claims = preLayerNormTrainingClaims(made, 0).flatMap(({ findings }) => findings);
    expect(claims.map(({ verdict }) => verdict)).toEqual(claims.map(() => UNMEASURED));
  }, 60_000);
});

describe("inputOptions", () => {
  it.each([
    [28, 32],
    [32, 32],
    [50, 56],
    [200, 64],
  ])("brings pictures of %i pixels to what patches of 8 and corruptions want: %i", (side, expected) => {
    const shape = { height: side, width: side, channels: 3 } as const;
    expect(inputOptions({ ...data, train: { ...data.train, shape } }).size).toEqual([expected, expected]);
  });
});
