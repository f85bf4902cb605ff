// Trains the embedded networks with Snellen's own trainer and writes them to models/: the residual network, then the transformer that it
// guides. npm run models [-- cnn|vit] [--out models] [--resume]; about an hour on two idle cores.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Model } from "../../packages/graph/src/index.ts";
import { floatTensor, withGraph } from "../../packages/graph/src/index.ts";
import {
  createTraining,
  describeModel,
  fit,
  network,
  optotypeLabels,
  prepareTraining,
  schedule,
  type TrainingWishes,
} from "../../packages/snellen/src/index.ts";
import {
  createNodeRuntime,
  createTrainingPool,
  openModelGraph,
  readCheckpoint,
  writeCheckpoint,
  writeModelFile,
} from "../../packages/snellen/src/node/index.ts";
import { gridWaves } from "./grid-waves.ts";
import { guided, HINTS, TEACHER, withoutTeacher } from "./guided.ts";
import {
  AUGMENTATION,
  measuredPictures,
  picturesOf,
  TRAINED_ON,
  trainingPictures,
  watchedPictures,
} from "./optotypes.ts";

const SEED = 1;
const BATCH = 64;
const WISHES: TrainingWishes = {
  optimizer: "adamw",
  secondMoment: 0.98,
  decay: 0.02,
  labelSmoothing: 0.05,
  clip: 1,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "models" },
    "cnn-epochs": { type: "string", default: "2" },
    "vit-epochs": { type: "string", default: "3" },
    count: { type: "string", default: String(TRAINED_ON) },
    threads: { type: "string" },
    resume: { type: "boolean", default: false },
  },
});

interface Job {
  readonly file: string;
  readonly model: Model;
  readonly epochs: number;
  readonly rate: number;
  readonly wishes: TrainingWishes;
  readonly finish?: (model: Model) => Model;
}

/** Stem and first stage at half size, two stages that halve it, and one more: the last map is [96, 8, 8]. */
const cnn = (): Job => ({
  file: "optotypes-cnn.onnx",
  model: network("resnet").build(
    {
      ...picturesOf(optotypeLabels),
      stem: "strided",
      blocks: [1, 1, 1, 1],
      widths: [16, 32, 64, 96],
      lastStride: 1,
    },
    SEED,
  ),
  epochs: Number(values["cnn-epochs"]),
  rate: 2e-3,
  wishes: WISHES,
});

/** 64 patches of 8 × 8 and a class token; positions start out knowing who is whose neighbour. */
async function vit(): Promise<Job> {
  const untrained = network("vit").build(
    { ...picturesOf(optotypeLabels), patch: 8, width: 96, depth: 4, heads: 3, mlpRatio: 3 },
    SEED,
  );
  const positions = floatTensor([1, 65, 96], gridWaves(8, 96));
  const initializers = new Map([...untrained.graph.initializers, ["pos_embed", positions] as const]);
  const { model: teacher } = await openModelGraph(join(values.out, "optotypes-cnn.onnx"));
  const last = describeModel(teacher).layers.default?.value as string;
  return {
    file: "optotypes-vit.onnx",
    model: guided(withGraph(untrained, { initializers }), teacher, { tokens: "blocks.2.mlp/Add", map: last }),
    epochs: Number(values["vit-epochs"]),
    rate: 1.5e-3,
    wishes: { ...WISHES, freeze: [`${TEACHER}*`], auxiliary: { value: HINTS, weight: 1 } },
    finish: withoutTeacher,
  };
}

async function make({ file, model, epochs, rate, wishes, finish = (same) => same }: Job): Promise<void> {
  const info = describeModel(model, { output: "logits" });
  const prepared = prepareTraining(info, wishes);
  const pictures = await trainingPictures(Number(values.count));
  const { spec } = info.preprocessing;
  await using training = createTrainingPool(pictures, { spec, seed: SEED, augmentation: AUGMENTATION });
  await using watched = createTrainingPool(await watchedPictures(), { spec });
  await using measured = createTrainingPool(await measuredPictures(), { spec });
  await using run = await createTraining(prepared.info, prepared.options, {
    runtime: createNodeRuntime(),
    ...(values.threads === undefined ? {} : { session: { threads: Number(values.threads) } }),
  });
  const evaluation = { batch: 250 };
  const started = performance.now();
  const path = join(values.out, `${file}.checkpoint.safetensors`);
  const from = values.resume && existsSync(path) ? (await readCheckpoint(path)).checkpoint : undefined;
  let saved = started;
  let loss = 0;
  const last = await fit(
    { epochs, batch: BATCH, rate, schedule: schedule("cosine"), warmup: 0.2, seed: SEED },
    {
      trainer: run.trainer,
      training,
      keptOf: run.keptOf,
      validate: (state) => run.evaluate(run.keptOf(state), watched, evaluation),
      onStep: (told) => {
        loss += (told.loss - loss) / Math.min(told.step, 100);
        if (told.step % 100 > 0) return;
        const seconds = (performance.now() - started) / 1000;
        console.log(
          `${file}: step ${told.step}/${told.steps}, loss ${loss.toFixed(4)}, ${seconds.toFixed(0)} s`,
        );
      },
      onEpoch: (metrics) => console.log(JSON.stringify(metrics)),
      ...(from === undefined ? {} : { from }),
      onCheckpoint: async (make, isDue) => {
        if (!isDue && performance.now() - saved < 60_000) return;
        await writeCheckpoint(path, {}, make());
        saved = performance.now();
      },
    },
  );
  const kept = run.keptOf(last.state);
  const { accuracy, n } = await run.evaluate(kept, measured, evaluation);
  console.log(
    `${file}: ${(100 * accuracy).toFixed(2)} % of ${n} fresh pictures, ${((performance.now() - started) / 60_000).toFixed(1)} min`,
  );
  await writeModelFile(join(values.out, file), finish(run.model(kept).model));
  rmSync(path, { force: true });
}

const wanted = positionals.length === 0 ? ["cnn", "vit"] : positionals;
if (wanted.includes("cnn")) await make(cnn());
if (wanted.includes("vit")) await make(await vit());
