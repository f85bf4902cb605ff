// Every method's maps, ours beside pytorch-grad-cam's, torch-cam's and Captum's, alternating in one run: from bytes of 224² to
// maps of 224², milliseconds an image.
// Usage: npx tsx --conditions=source bench/cam-methods.ts --python <interpreter> --models <folder of .onnx> [--threads 2]
//        [--only resnet50,…] [--batches 1,32] [--methods grad-cam,…] [--rounds 5] [--seconds 120] [--json out.json] [--memory]
// Score-CAM and Ablation-CAM run one round at batch 1. The libraries run --channels 64 of their channels, and the time that
// those took is scaled to all; --whole runs all of them. --json adds to what the file holds, so that a run may be made in
// pieces. --memory measures the peak of Grad-CAM instead, each in a process of its own.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Image, type OpenedModel, openModel } from "snellen/node";
import { camMethodIds, camMethods } from "snellen/registries";
import { needed } from "../tools/needed.ts";
import { type PythonWorker, startPythonWorker } from "./python-worker.ts";

const { values: flags } = parseArgs({
  options: {
    models: { type: "string" },
    only: { type: "string", default: "resnet50,vit_base_patch16_224" },
    batches: { type: "string", default: "1,32" },
    methods: { type: "string", default: camMethodIds.join() },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "120" },
    threads: { type: "string", default: "2" },
    channels: { type: "string", default: "64" },
    whole: { type: "boolean", default: false },
    memory: { type: "boolean", default: false },
    peak: { type: "string" },
    python: { type: "string" },
    json: { type: "string" },
  },
});
const models = needed(flags.models, "models", "a folder of networks by tools/reference/bench_models.py");
const threads = Number(flags.threads);
const LIBRARIES = ["pytorch-grad-cam", "torch-cam", "captum"] as const;
const CONTENDERS = ["ours", ...LIBRARIES] as const;
type Contender = (typeof CONTENDERS)[number];

/** One method of one network at one batch. */
interface Row {
  readonly model: string;
  readonly batch: number;
  readonly method: string;
  readonly rounds: number;
  /** Milliseconds an image, medians. */
  readonly ms: Partial<Record<Contender, number>>;
  readonly notes: readonly string[];
}

interface Peak {
  readonly model: string;
  readonly batch: number;
  /** Megabytes. */
  readonly peak: Partial<Record<Contender, number>>;
}

const open = (name: string): Promise<OpenedModel> =>
  openModel(join(models, `${name}.onnx`), {
    size: [224, 224],
    threads,
    resize: "squash",
    shortSide: 224,
  });

const pictures = (batch: number): Image[] =>
  Array.from({ length: batch }, (_, n) => ({
    width: 224,
    height: 224,
    source: `noise ${n}`,
    data: Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 7919 * (n + 1)) % 255),
  }));

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] as number;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
};

/** Times one call, in milliseconds an image; undefined where there is nothing to time. */
type Run = () => Promise<number | undefined>;

interface Contest {
  readonly runs: Readonly<Record<Contender, Run>>;
  readonly rounds: number;
  readonly warmUps: number;
}

/** A B C A B C …, until all rounds are run or the time is up; whoever has nothing to show is not asked again. */
async function alternate({ runs, rounds, warmUps }: Contest): Promise<Map<Contender, number[]>> {
  const times = new Map<Contender, number[]>(CONTENDERS.map((name) => [name, []]));
  let start = performance.now();
  for (let round = -warmUps; round < rounds; round++) {
    if (round === 0) start = performance.now();
    for (const [name, measured] of [...times]) {
      const ms = await runs[name]();
      if (ms === undefined) times.delete(name);
      else if (round >= 0) measured.push(ms);
    }
    if (round >= 0 && performance.now() - start > 1000 * Number(flags.seconds)) break;
  }
  return times;
}

async function compare(
  model: OpenedModel,
  torch: PythonWorker | undefined,
  [name, batch, method]: readonly [string, number, string],
): Promise<Row> {
  const images = pictures(batch);
  const isSlow = camMethods.find(({ id }) => id === method)?.kind === "channels";
  const channels = flags.whole ? 0 : Number(flags.channels);
  const notes = new Set<string>();
  const ours: Run = async () => {
    const start = performance.now();
    try {
      await model.cam(images, { method });
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      notes.add(`ours: ${code ?? message}`);
      return undefined;
    }
    return (performance.now() - start) / batch;
  };
  const theirs =
    (library: string): Run =>
    async () => {
      const answer = await torch?.ask({ do: "run", library, method, batch, channels });
      if (answer?.ms === undefined) {
        if (answer?.none !== undefined && answer.none !== "not offered")
          notes.add(`${library}: ${answer.none}`);
        return undefined;
      }
      const { images: run = batch } = answer;
      if (run !== batch) notes.add(`${library} at batch ${run}`);
      if (isSlow && !flags.whole) notes.add(`${library} scaled from ${channels} channels`);
      return answer.ms / run;
    };
  const times = await alternate({
    runs: {
      ours,
      "pytorch-grad-cam": theirs("pytorch-grad-cam"),
      "torch-cam": theirs("torch-cam"),
      captum: theirs("captum"),
    },
    rounds: isSlow ? 1 : Number(flags.rounds),
    warmUps: isSlow ? 0 : 1,
  });
  const ms = Object.fromEntries([...times].map(([k, v]) => [k, Number(median(v).toPrecision(4))]));
  const rounds = Math.max(0, ...[...times.values()].map((v) => v.length));
  return { model: name, batch, method, rounds, ms, notes: [...notes] };
}

const isSlowAt = (batch: number, method: string): boolean =>
  batch > 1 && camMethods.find(({ id }) => id === method)?.kind === "channels";

async function measureTimes(): Promise<void> {
  console.log(header());
  const torch =
    flags.python === undefined ? undefined : startPythonWorker("cam_methods.py", flags.python, threads);
  for (const name of flags.only.split(",")) {
    await torch?.ask({ do: "load", model: name });
    for (const method of flags.methods.split(",")) {
      // opened for each: sessions of other methods hold memory
      await using model = await open(name);
      for (const batch of flags.batches.split(",").map(Number)) {
        if (isSlowAt(batch, method)) continue;
        const row = await compare(model, torch, [name, batch, method]);
        console.log(lineOf(row));
        keep("times", row);
      }
    }
  }
  torch?.close();
}

/** Peak resident memory of this process so far, in megabytes. */
const peakOfThis = (): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;

/** The last line that a process of its own writes, as a number. */
function numberFrom(command: string, args: readonly string[]): number {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
  return Number(Number(stdout.trim().split("\n").at(-1)).toFixed(0));
}

function measureMemory(): void {
  const self = fileURLToPath(import.meta.url);
  const worker = fileURLToPath(new URL("./workers/cam_methods.py", import.meta.url));
  for (const model of flags.only.split(",")) {
    for (const batch of flags.batches.split(",").map(Number)) {
      const what = [model, String(batch)];
      const ours = numberFrom(process.execPath, [
        ...["--conditions=source", "--import", "tsx", self, "--models", models],
        ...["--threads", flags.threads, "--peak", what.join()],
      ]);
      const theirs =
        flags.python === undefined
          ? {}
          : {
              "pytorch-grad-cam": numberFrom(flags.python, [
                "-W",
                "ignore",
                worker,
                "--peak",
                ...what,
                flags.threads,
              ]),
            };
      const row: Peak = { model, batch, peak: { ours, ...theirs } };
      console.log(JSON.stringify(row));
      keep("memory", row);
    }
  }
}

async function printPeak(what: string): Promise<void> {
  const [name = "", batch] = what.split(",");
  await using model = await open(name);
  await model.cam(pictures(Number(batch)));
  console.log(peakOfThis());
}

type Kept = { times: Row[]; memory: Peak[] };
const kept: Kept =
  flags.json !== undefined && existsSync(flags.json)
    ? JSON.parse(readFileSync(flags.json, "utf8"))
    : { times: [], memory: [] };

const keyOf = (row: Row | Peak): string =>
  [row.model, row.batch, "method" in row ? row.method : ""].join(" ");

/** A later measurement takes the place of an earlier one. */
function keep<K extends keyof Kept>(kind: K, row: Kept[K][number]): void {
  const rows = kept[kind] as (Row | Peak)[];
  const at = rows.findIndex((other) => keyOf(other) === keyOf(row));
  rows.splice(at < 0 ? rows.length : at, 1, row);
  if (flags.json !== undefined)
    writeFileSync(
      flags.json,
      `${JSON.stringify({ date: new Date().toISOString(), threads, ...kept }, null, 1)}\n`,
    );
}

function lineOf({ model, batch, method, rounds, ms, notes }: Row): string {
  const cell = (name: Contender): string => {
    const time = ms[name];
    if (time === undefined) return "-";
    return name === "ours" || ms.ours === undefined
      ? String(time)
      : `${time} (${(time / ms.ours).toFixed(2)} x)`;
  };
  return `| ${[model, batch, method, ...CONTENDERS.map(cell), rounds, notes.join("; ")].join(" | ")} |`;
}

const header = (): string => {
  const columns = ["model", "batch", "method", ...CONTENDERS.map((name) => `${name}, ms`), "rounds", "notes"];
  return `| ${columns.join(" | ")} |\n|${columns.map(() => " --- |").join("")}`;
};

/** All that was measured, as Markdown. */
function printTables(): void {
  if (kept.times.length > 0) console.log(`\n${[header(), ...kept.times.map(lineOf)].join("\n")}`);
  if (kept.memory.length > 0) {
    const rows = kept.memory.map(
      ({ model, batch, peak: { ours = Number.NaN, ...theirs } }) =>
        `| ${[model, batch, ours, theirs["pytorch-grad-cam"] ?? "-"].join(" | ")} |`,
    );
    console.log(
      `\n| model | batch | ours, peak MB | pytorch-grad-cam, peak MB |\n| --- | --- | --- | --- |\n${rows.join("\n")}`,
    );
  }
}

if (flags.peak !== undefined) await printPeak(flags.peak);
else {
  if (flags.memory) measureMemory();
  else await measureTimes();
  printTables();
}
