// Forward, forward + input gradient, and Grad-CAM end to end, ours beside PyTorch's, alternating in one run.
// Usage: npx tsx --conditions=source bench/speed.ts --models <folder of .onnx> [--only resnet50,…] [--batches 1,8]
//        [--rounds 7] [--threads 2] [--python <interpreter>] [--json out.json]
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { differentiate } from "@snellen/autodiff";
import { type Model, serializeByReference } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { createNodeRuntime, type Image, type OpenedModel, openModel } from "snellen/node";
import { needed } from "../tools/needed.ts";
import { type PythonWorker, startPythonWorker } from "./python-worker.ts";

const { values: flags } = parseArgs({
  options: {
    models: { type: "string" },
    only: {
      type: "string",
      default: "resnet50,mobilenet_v3_large,efficientnet_b0,convnext_tiny,vit_base_patch16_224,swin_t",
    },
    batches: { type: "string", default: "1,8" },
    rounds: { type: "string", default: "7" },
    threads: { type: "string", default: "2" },
    python: { type: "string" },
    json: { type: "string" },
    cam: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const models = needed(flags.models, "models", "a folder of networks by tools/reference/bench_models.py");
const threads = Number(flags.threads);

/** One contender: times one call, in milliseconds. */
type Contender = () => Promise<number>;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] as number) +
      (sorted[Math.ceil((sorted.length - 1) / 2)] as number)) /
    2
  );
};

/** Runs contenders in turn, A B C A B C …, after two rounds that do not count. */
async function alternate(
  contenders: Record<string, Contender>,
  rounds: number,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(contenders).map((k) => [k, []]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const ms = await run();
      if (round >= 0) times[name]?.push(ms);
    }
  }
  return times;
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

async function gradientContenders(
  model: OpenedModel,
  file: string,
  batch: number,
  torch: PythonWorker | undefined,
) {
  const { info } = model;
  const runtime = createNodeRuntime();
  const open = (m: Model) =>
    runtime.createSession(
      { bytes: serializeByReference(m, basename(file)), weights: { folder: models } },
      { threads },
    );
  const forward = await open(info.model);
  const derived = differentiate(info.model, info.shapes, { of: [info.logits.value], wrt: [info.input.name] });
  const backward = await open(derived.model);
  const x = new Tensor(
    "float32",
    Float32Array.from({ length: batch * 3 * 224 * 224 }, (_, i) => Math.sin(i)),
    [batch, 3, 224, 224],
  );
  const seed = new Float32Array(batch * info.logits.classes);
  for (let i = 0; i < batch; i++) seed[i * info.logits.classes + 7] = 1;
  const feeds = {
    [info.input.name]: x,
    [[...derived.seeds.values()][0] as string]: new Tensor("float32", seed, [batch, info.logits.classes]),
  };
  const contenders: Record<string, Contender> = {
    "ort forward": () => timed(() => forward.run({ [info.input.name]: x })),
    "our gradient": () => timed(() => backward.run(feeds, [...derived.gradients.values()])),
    ...torchContenders(torch, ["forward", "gradient"], batch),
  };
  return { contenders, close: () => Promise.all([forward.dispose(), backward.dispose()]) };
}

const torchContenders = (
  torch: PythonWorker | undefined,
  whats: readonly string[],
  batch: number,
): Record<string, Contender> =>
  torch === undefined
    ? {}
    : Object.fromEntries(
        whats.map((what) => [
          `torch ${what}`,
          async () => (await torch.ask({ do: "run", what, batch })).ms as number,
        ]),
      );

const pictures = (batch: number): Image[] =>
  Array.from({ length: batch }, (_, n) => ({
    width: 224,
    height: 224,
    source: `noise ${n}`,
    data: Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 7919 * (n + 1)) % 255),
  }));

async function main(): Promise<void> {
  const torch = flags.python === undefined ? undefined : startPythonWorker("speed.py", flags.python, threads);
  const rows: object[] = [];
  for (const name of flags.only.split(",")) {
    const file = join(models, `${name}.onnx`);
    await using model = await openModel(file, {
      size: [224, 224],
      threads,
      resize: "squash",
      shortSide: 224,
    });
    await torch?.ask({ do: "load", model: name });
    for (const batch of flags.batches.split(",").map(Number)) {
      const gradients = await gradientContenders(model, file, batch, torch);
      const times = await alternate(gradients.contenders, Number(flags.rounds));
      await gradients.close();
      const images = pictures(batch);
      const others =
        name === "vit_base_patch16_224" || name === "swin_t"
          ? ["grad-cam"]
          : ["grad-cam", "captum", "torchcam"];
      const cams = flags.cam
        ? await alternate(
            {
              "our grad-cam": () => timed(() => model.cam(images)),
              ...torchContenders(torch, others, batch),
            },
            Number(flags.rounds),
          )
        : {};
      const medians = Object.fromEntries(
        Object.entries({ ...times, ...cams }).map(([k, v]) => [k, Number(median(v).toFixed(1))]),
      );
      rows.push({ model: name, batch, ...medians });
      print(name, batch, medians);
    }
  }
  torch?.close();
  if (flags.json !== undefined)
    writeFileSync(
      flags.json,
      `${JSON.stringify({ date: new Date().toISOString(), threads, rounds: Number(flags.rounds), rows }, null, 1)}\n`,
    );
}

function print(name: string, batch: number, ms: Record<string, number>): void {
  const ratio = (a: string, b: string) =>
    ms[a] !== undefined && ms[b] !== undefined ? (ms[a] / ms[b]).toFixed(2) : "-";
  console.log(
    `${name.padEnd(22)} B=${batch}  forward ${ms["ort forward"]}  gradient ${ms["our gradient"]} (${ratio("our gradient", "ort forward")}x forward; torch gradient ${ratio("torch gradient", "our gradient")}x ours)` +
      `  grad-cam ${ms["our grad-cam"] ?? "-"} (${ratio("our grad-cam", "ort forward")}x forward; pytorch-grad-cam ${ratio("torch grad-cam", "our grad-cam")}x, captum ${ratio("torch captum", "our grad-cam")}x, torchcam ${ratio("torch torchcam", "our grad-cam")}x ours)`,
  );
}

await main();
