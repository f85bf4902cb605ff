// Final accuracy of trainings, ours beside PyTorch's with the same recipe: own weights and order from each seed, the same pictures.
// Usage: npx tsx --conditions=source bench/training-accuracy.ts --python <interpreter> [--seeds 5] [--models mlp,resnet,vit] [--threads 1]
// The interpreter has tools/reference/requirements.txt; Fashion-MNIST is Debian's dataset-fashion-mnist.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { summarize } from "../packages/snellen/src/cam/measures/statistics.ts";
import { limitPictures } from "../packages/snellen/src/datasets/pictures/limit-pictures.ts";
import type { TrainingPictures } from "../packages/snellen/src/datasets/pictures/training-pictures.ts";
import { network } from "../packages/snellen/src/networks/index.ts";
import { createNodeRuntime } from "../packages/snellen/src/node/runtime.ts";
import { openTrainingData } from "../packages/snellen/src/node/training-data.ts";
import { type TrainingRecipe, trainNetwork } from "../packages/snellen/src/reproduce/train-network.ts";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string" },
    seeds: { type: "string", default: "5" },
    models: { type: "string", default: "mlp,resnet,vit" },
    threads: { type: "string", default: "1" },
    images: { type: "string", default: "6000" },
  },
});
const seeds = Number(flags.seeds);
const SIDE = 28;

interface Subject {
  readonly network: string;
  readonly options: object;
  readonly recipe: Omit<TrainingRecipe, "seed">;
}

/** The worker has the same by the same names. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  mlp: {
    network: "mlp",
    options: {},
    recipe: { optimizer: "sgd", rate: 0.05, decay: 5e-4, epochs: 6, batch: 128 },
  },
  resnet: {
    network: "resnet",
    options: { blocks: [1, 1, 1], widths: [8, 16, 32] },
    recipe: { optimizer: "sgd", rate: 0.1, decay: 5e-4, epochs: 4, batch: 64 },
  },
  vit: {
    network: "vit",
    options: { width: 48, depth: 3, heads: 3, patch: 4, mlpRatio: 2 },
    recipe: { optimizer: "adamw", rate: 2e-3, decay: 0.05, epochs: 4, batch: 64 },
  },
};

const folder = mkdtempSync(join(tmpdir(), "snellen-accuracy-"));

/** Grey bytes behind each other, then the classes. */
async function written(pictures: TrainingPictures, name: string): Promise<string> {
  const bytes = new Uint8Array(pictures.count * (SIDE * SIDE + 1));
  for (let i = 0; i < pictures.count; i++) {
    const { data } = await pictures.read(i);
    for (let k = 0; k < SIDE * SIDE; k++) bytes[i * SIDE * SIDE + k] = data[3 * k] as number;
    bytes[pictures.count * SIDE * SIDE + i] = pictures.classOf(i);
  }
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const text = (accuracies: readonly number[]): string => {
  const { mean = 0, interval } = summarize(accuracies, { seed: 0 });
  const bounds = (interval ?? [mean, mean]).map((bound) => (100 * bound).toFixed(2));
  return `${(100 * mean).toFixed(2)} (${bounds.join("–")})`;
};

try {
  const train = limitPictures(await openTrainingData("fashion-mnist"), Number(flags.images), 1);
  const test = limitPictures(await openTrainingData("fashion-mnist", { split: "test" }), 5000, 1);
  const files = [await written(train, "train"), await written(test, "test")];
  const runtime = createNodeRuntime();
  console.log(`Fashion-MNIST, ${train.count} pictures, ${test.count} test pictures, ${seeds} seeds\n`);
  console.log("| network | ours, % | PyTorch, % |\n| --- | --- | --- |");
  for (const model of flags.models.split(",")) {
    const { network: id, options, recipe } = SUBJECTS[model] as Subject;
    const ours: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const built = network(id).build({ size: [SIDE, SIDE], channels: 1, ...options } as never, seed);
      const bench = { runtime, session: { threads: Number(flags.threads) } };
      ours.push((await trainNetwork(built, { train, test }, { ...recipe, seed }, bench)).accuracy);
    }
    const worker = fileURLToPath(new URL("workers/training_accuracy.py", import.meta.url));
    const result = join(folder, `${model}.json`);
    const order = JSON.stringify({ model, seeds, files, result, threads: Number(flags.threads), ...recipe });
    const ran = spawnSync(flags.python as string, ["-W", "ignore", worker, order], { stdio: "inherit" });
    if (ran.status !== 0) throw new Error("the PyTorch worker failed");
    const theirs = JSON.parse(readFileSync(result, "utf8")) as number[];
    console.log(`| ${model} | ${text(ours)} | ${text(theirs)} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
