// Training steps of small networks, ours beside PyTorch eager, the same number of threads, alternating in one run: pictures a second.
// Usage: npx tsx --conditions=source bench/training.ts --python <interpreter> [--models mlp,vit,resnet20] [--batch 128]
//        [--threads 2] [--rounds 7] [--steps 5] [--warm-ups 2] [--cpu] [--json out.json]
// The interpreter has tools/reference/requirements.txt. A round is so many steps of each; what is compared are its times, with the
// least and the greatest ratio of a round. --cpu counts the processors' time of each process and not the clock's: for machines on which
// others work; with one thread, as threads that wait for each other spin.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { network } from "../packages/snellen/src/networks/index.ts";
import { createNodeRuntime } from "../packages/snellen/src/node/runtime.ts";
import { gaussians } from "../packages/snellen/src/random.ts";
import type { Batch } from "../packages/snellen/src/train/batch.ts";
import { prepareTraining } from "../packages/snellen/src/train/prepare.ts";
import { createTraining, type Training } from "../packages/snellen/src/train/training.ts";
import { describeModel } from "../packages/snellen/src/vision-model/describe.ts";
import { needed } from "../tools/needed.ts";
import { type PythonWorker, startPythonWorker } from "./python-worker.ts";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string" },
    models: { type: "string", default: "mlp,vit,resnet20" },
    batch: { type: "string", default: "128" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "7" },
    steps: { type: "string", default: "5" },
    "warm-ups": { type: "string", default: "2" },
    cpu: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const [batch, threads, rounds, steps, warmUps] = [
  flags.batch,
  flags.threads,
  flags.rounds,
  flags.steps,
  flags["warm-ups"],
].map(Number) as [number, number, number, number, number];

/** In milliseconds. */
const now = (): number => {
  if (!flags.cpu) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

interface Subject {
  readonly title: string;
  readonly network: "mlp" | "vit" | "resnet";
  readonly options: object;
  readonly optimizer: "sgd" | "adamw";
  /** PyTorch's memory layouts that are compared. */
  readonly layouts: readonly string[];
}

/** By the worker's names; the networks' defaults are what the worker builds. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  mlp: {
    title: "MLP 784-256-256-10, SGD",
    network: "mlp",
    options: { size: [28, 28], channels: 1 },
    optimizer: "sgd",
    layouts: ["contiguous"],
  },
  vit: {
    title: "ViT 192 wide, 6 deep, 4x4 patches of 32x32, AdamW",
    network: "vit",
    options: {},
    optimizer: "adamw",
    layouts: ["contiguous"],
  },
  resnet20: {
    title: "ResNet-20 on 32x32, SGD",
    network: "resnet",
    options: {},
    optimizer: "sgd",
    layouts: ["contiguous", "channels_last"],
  },
};

/** Runs the steps of a round, in milliseconds. */
type Contender = () => Promise<number>;

interface Row {
  readonly model: string;
  readonly contender: string;
  /** Milliseconds of a step, one a round. */
  readonly ms: readonly number[];
}

async function startOurs({ network: id, options, optimizer }: Subject): Promise<Training> {
  const info = describeModel(network(id).build(options, 1));
  const prepared = prepareTraining(info, { optimizer, decay: 5e-4 });
  return await createTraining(prepared.info, prepared.options, {
    runtime: createNodeRuntime({ session: { threads } }),
  });
}

function randomBatch({ options }: Subject): Batch {
  const { size = [32, 32], channels = 3 } = options as { size?: number[]; channels?: number };
  const dims = [batch, channels, ...size];
  return {
    values: Float32Array.from(
      gaussians(
        dims.reduce((a, b) => a * b, 1),
        1,
      ),
    ),
    dims,
    classes: Int32Array.from({ length: batch }, (_, i) => i % 10),
    skipped: [],
  };
}

/** Milliseconds: threads of the side before spin for a while behind their last step, and would take a core from the next. */
const REST = 300;

/** A B C A B C …, after rounds that do not count; milliseconds a step. */
async function alternate(contenders: Readonly<Record<string, Contender>>): Promise<Map<string, number[]>> {
  const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
  for (let round = -warmUps; round < rounds; round++)
    for (const [name, run] of Object.entries(contenders)) {
      await new Promise((resolve) => setTimeout(resolve, REST));
      const ms = await run();
      if (round >= 0) times.get(name)?.push(ms / steps);
    }
  return times;
}

async function measure(model: string, worker: PythonWorker): Promise<Row[]> {
  const subject = SUBJECTS[model];
  if (subject === undefined) throw new Error(`unknown model ${model}: ${Object.keys(SUBJECTS).join(", ")}`);
  for (const layout of subject.layouts)
    await worker.ask({ do: "load", model, batch, optimizer: subject.optimizer, layout });
  await using training = await startOurs(subject);
  const data = randomBatch(subject);
  let step = 0;
  const ours: Contender = async () => {
    const start = now();
    for (let i = 0; i < steps; i++) await training.trainer.step(data, 1e-4, ++step);
    return now() - start;
  };
  const theirs = subject.layouts.map((layout): [string, Contender] => [
    `PyTorch ${layout}`,
    async () => (await worker.ask({ do: "run", layout, steps, cpu: flags.cpu })).ms as number,
  ]);
  const times = await alternate({ Snellen: ours, ...Object.fromEntries(theirs) });
  return [...times].map(([contender, ms]) => ({ model, contender, ms }));
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] as number;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
};

const rate = (ms: number): string => ((1e3 * batch) / ms).toPrecision(3);

/** Pictures a second, and how many times as fast as each of PyTorch's. */
function lines(rows: readonly Row[]): string[] {
  const [ours, ...others] = rows as [Row, ...Row[]];
  return others.map(({ model, contender, ms }) => {
    const ratios = ms.map((theirs, i) => theirs / (ours.ms[i] as number));
    const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    const cells = [
      SUBJECTS[model]?.title ?? model,
      contender,
      `${median(ours.ms).toFixed(1)} ms`,
      rate(median(ours.ms)),
      rate(median(ms)),
      `${median(ratios).toFixed(2)} (${spread})`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
}

async function main(python: string): Promise<void> {
  const worker = startPythonWorker("training.py", python, threads);
  const rows: Row[] = [];
  console.log(
    `Batch ${batch}, ${threads} threads, medians of ${rounds} rounds of ${steps} steps${flags.cpu ? ", processor time" : ""}\n\n` +
      "| network | beside | our step | our pictures a second | theirs | ours / theirs |\n| --- | --- | ---: | ---: | ---: | ---: |",
  );
  try {
    for (const model of flags.models.split(",")) {
      const measured = await measure(model, worker);
      rows.push(...measured);
      for (const line of lines(measured)) console.log(line);
    }
  } finally {
    worker.close();
  }
  if (flags.json !== undefined)
    writeFileSync(
      flags.json,
      `${JSON.stringify({ date: new Date().toISOString(), batch, threads, steps, rows }, null, 1)}\n`,
    );
}

await main(needed(flags.python, "python", "an interpreter with PyTorch"));
