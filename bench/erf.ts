// Effective receptive field of ResNet-50's layer4 over a folder of JPEGs, ours beside the same loop in PyTorch and OpenERF 0.6.1,
// alternating in one run: from files to R, milliseconds an image.
// Usage: npx tsx --conditions=source bench/erf.ts --python <interpreter> --models <folder of .onnx> [--images <folder of JPEGs>]
//        [--n 50] [--batches 1,8] [--rounds 3] [--threads 2] [--json out.json] [--memory [--counts 50,500]]
// Without --images, JPEGs of smooth noise of 500 x 375 are made. --memory measures the peaks instead, each in a process of its
// own; where it asks for more images than the folder holds, they are read again from the start.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { accumulation, type FieldMap, fieldMapOf, runFields } from "snellen";
import { type OpenedModel, openImages, openModel } from "snellen/node";
import { needed } from "../tools/needed.ts";
import { type PythonWorker, startPythonWorker } from "./python-worker.ts";

const { values: flags } = parseArgs({
  options: {
    models: { type: "string" },
    images: { type: "string" },
    n: { type: "string", default: "50" },
    batches: { type: "string", default: "1,8" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
    python: { type: "string" },
    json: { type: "string" },
    memory: { type: "boolean", default: false },
    counts: { type: "string", default: "50,500" },
    /** For the processes that --memory starts: <images>,<batch>. */
    peak: { type: "string" },
  },
});
const models = needed(flags.models, "models", "a folder of networks by tools/reference/bench_models.py");
const threads = Number(flags.threads);
const batches = flags.batches.split(",").map(Number);
const MODEL = "resnet50";
/** The layer as PyTorch calls it, and its value in the file. */
const LAYER = { module: "layer4", value: "/layer4/layer4.2/relu_2/Relu_output_0" };

/** Ours: R over the first `n` of the folder's images, a folder of fewer being read again from its start. */
async function ourField(model: OpenedModel, folder: string, n: number, batch: number): Promise<FieldMap> {
  const { entries } = await openImages(folder);
  const sources = Array.from(
    { length: n },
    (_, i) => entries[i % entries.length] as (typeof entries)[number],
  );
  const plan = { layers: [model.layer(LAYER.value)], accumulation: accumulation("dead-pixels") };
  const { sums } = await runFields(model, plan, sources, { batch });
  return fieldMapOf(sums[0] as (typeof sums)[number]);
}

/** Resized and cropped as timm's ResNet-50 has it: shorter side 235, bicubic. */
const open = (): Promise<OpenedModel> =>
  openModel(join(models, `${MODEL}.onnx`), {
    size: [224, 224],
    resize: "crop",
    shortSide: 235,
    interpolation: "bicubic",
    threads,
  });

/** Times one pass over the images, in milliseconds an image. */
type Run = () => Promise<number>;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] as number;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
};

/** A B C A B C …, after a round that does not count. */
async function alternate(runs: ReadonlyMap<string, Run>, rounds: number): Promise<Map<string, number>> {
  const times = new Map([...runs.keys()].map((name) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of runs) {
      const ms = await run();
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  return new Map([...times].map(([name, measured]) => [name, median(measured)]));
}

function contenders(model: OpenedModel, torch: PythonWorker, folder: string, n: number): Map<string, Run> {
  const ours =
    (batch: number): Run =>
    async () => {
      const start = performance.now();
      await ourField(model, folder, n, batch);
      return (performance.now() - start) / n;
    };
  const theirs =
    (what: string, batch: number): Run =>
    async () =>
      ((await torch.ask({ do: "run", what, folder, n, batch })).ms as number) / n;
  return new Map([
    ...batches.map((batch) => [`ours, batch ${batch}`, ours(batch)] as const),
    ...batches.map((batch) => [`PyTorch loop, batch ${batch}`, theirs("loop", batch)] as const),
    ["OpenERF 0.6.1, batch 1", theirs("openerf", 1)] as const,
  ]);
}

interface Time {
  readonly contender: string;
  readonly msPerImage: number;
}

async function measureTimes(torch: PythonWorker, folder: string): Promise<Time[]> {
  await torch.ask({ do: "load", model: MODEL, layer: LAYER.module });
  await using model = await open();
  const medians = await alternate(contenders(model, torch, folder, Number(flags.n)), Number(flags.rounds));
  return [...medians].map(([contender, ms]) => ({ contender, msPerImage: Number(ms.toFixed(1)) }));
}

interface Peak {
  readonly contender: string;
  readonly images: number;
  readonly megabytes: number;
}

function peakOf(command: string, args: readonly string[]): number {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return Math.round(Number(stdout.trim().split("\n").at(-1)));
}

function measureMemory(python: string, folder: string): Peak[] {
  const [self, worker] = [
    fileURLToPath(import.meta.url),
    fileURLToPath(new URL("workers/erf.py", import.meta.url)),
  ];
  const asked = flags.counts
    .split(",")
    .flatMap((count) => batches.map((batch) => [count, String(batch)] as const));
  const ours = ([count, batch]: readonly [string, string]): number =>
    peakOf(process.execPath, [
      ...["--conditions=source", "--import", "tsx", self, "--models", models, "--images", folder],
      ...["--threads", flags.threads, "--peak", `${count},${batch}`],
    ]);
  const theirs = ([count, batch]: readonly [string, string]): number =>
    peakOf(python, [
      ...["-W", "ignore", worker, "--peak", MODEL, LAYER.module, "loop"],
      ...[folder, count, batch, flags.threads],
    ]);
  return asked.flatMap((what) =>
    Object.entries({ ours, "PyTorch loop": theirs }).map(([name, measure]) => ({
      contender: `${name}, batch ${what[1]}`,
      images: Number(what[0]),
      megabytes: measure(what),
    })),
  );
}

async function printPeak(what: string): Promise<void> {
  const [n = 0, batch = 0] = what.split(",").map(Number);
  await using model = await open();
  await ourField(model, flags.images as string, n, batch);
  console.log(process.resourceUsage().maxRSS / 1024);
}

/** Milliseconds an image, and as multiples of ours at the same batch: above 1, ours is faster. */
function timeTable(times: readonly Time[]): string {
  const rows = times.map(({ contender, msPerImage }) => {
    const batch = contender.split(", ")[1];
    const ours = times.find((other) => other.contender === `ours, ${batch}`);
    const ratio = ours === undefined ? "-" : (msPerImage / ours.msPerImage).toFixed(2);
    const best = Math.min(...times.filter((t) => t.contender.startsWith("ours")).map((t) => t.msPerImage));
    return `| ${contender} | ${msPerImage} | ${ratio} | ${(msPerImage / best).toFixed(2)} |`;
  });
  return `| | ms an image | over ours at this batch | over our best |\n| --- | --- | --- | --- |\n${rows.join("\n")}`;
}

function memoryTable(peaks: readonly Peak[]): string {
  const counts = [...new Set(peaks.map(({ images }) => images))];
  const rows = [...new Set(peaks.map(({ contender }) => contender))].map((contender) => {
    const mb = counts.map(
      (count) => peaks.find((p) => p.contender === contender && p.images === count)?.megabytes ?? Number.NaN,
    );
    return `| ${[contender, ...mb, ((mb.at(-1) as number) / (mb[0] as number)).toFixed(2)].join(" | ")} |`;
  });
  const columns = ["", ...counts.map((count) => `peak MB, ${count} images`), "last over first"];
  return `| ${columns.join(" | ")} |\n|${columns.map(() => " --- |").join("")}\n${rows.join("\n")}`;
}

async function main(python: string): Promise<void> {
  const torch = startPythonWorker("erf.py", python, threads);
  const made = flags.images === undefined ? mkdtempSync(join(tmpdir(), "snellen-erf-")) : undefined;
  const folder = flags.images ?? (made as string);
  try {
    if (made !== undefined) await torch.ask({ do: "make", folder, n: Number(flags.n) });
    const times = flags.memory ? [] : await measureTimes(torch, folder);
    const memory = flags.memory ? measureMemory(python, folder) : [];
    console.log(flags.memory ? memoryTable(memory) : timeTable(times));
    if (flags.json !== undefined)
      writeFileSync(
        flags.json,
        `${JSON.stringify({ date: new Date().toISOString(), threads, n: Number(flags.n), times, memory }, null, 1)}\n`,
      );
  } finally {
    torch.close();
    if (made !== undefined) rmSync(made, { recursive: true });
  }
}

if (flags.peak !== undefined) await printPeak(flags.peak);
else await main(needed(flags.python, "python", "an interpreter with PyTorch, timm and openerf"));
