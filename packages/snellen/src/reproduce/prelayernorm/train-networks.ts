// Trains vision transformers with and without PreLayerNorm, and a CNN, alike, and looks at each: accuracy under every corruption, and
// what the scale of colours does to z₀. Kim et al., arXiv:2111.08413.
import type { Model } from "@snellen/graph";
import { limitPictures } from "../../datasets/pictures/limit-pictures.ts";
import type { TrainingPictures } from "../../datasets/pictures/training-pictures.ts";
import { plainCnn, vit } from "../../networks/index.ts";
import { conditionsOf } from "../../robustness/condition.ts";
import { createObservations } from "../../robustness/observations.ts";
import { runRobustness } from "../../robustness/run-robustness.ts";
import { createSubject } from "../../robustness/subject.ts";
import { describeModel } from "../../vision-model/describe.ts";
import { parameterCount } from "../../vision-model/parameters.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { piece } from "../study.ts";
import { trainNetwork } from "../train-network.ts";
import { openTrained, remembered, sourcesOf } from "../trained-networks.ts";
import { chanceOf, limitedData, type TrainingData, unlessDiverged } from "../training-study.ts";
import { accuraciesOf, scaleFactors } from "./measured-training.ts";
import type { OutcomeStudy } from "./outcomes.ts";
import { rememberedCorruptions } from "./remembered-corruptions.ts";
import { measureScales } from "./scales.ts";
import { CNN_OPTIONS, inputOptions, type PreLayerNormStudy, RECIPE, VIT_OPTIONS } from "./training-effort.ts";
import type { PreLayerNormTraining } from "./trainings.ts";

export interface CorruptedStudy extends OutcomeStudy {
  /** Ids; contrast enhancement must be among them. */
  readonly corruptions: readonly string[];
}

type Kind = Pick<PreLayerNormTraining, "kind" | "preLayerNorm">;

const STEP = "trainings, PreLayerNorm";
const SEEDS_APART = 1000;

/** Each network from every seed, measured as soon as it is trained. @throws what training, corrupting and measuring throw */
export async function trainWithPreLayerNorm(
  training: PreLayerNormStudy,
  study: CorruptedStudy,
): Promise<PreLayerNormTraining[]> {
  const { effort } = training;
  const data = limitedData(training.data, effort, study.seed);
  const pictures = remembered(limitPictures(data.test, effort.corrupted, study.seed));
  const corruptor = rememberedCorruptions(study.corruptor);
  const plans = Array.from({ length: effort.seeds }, (_, k) => study.seed * SEEDS_APART + k).flatMap((seed) =>
    kindsOf(training).map((kind) => ({ kind, seed })),
  );
  const made: PreLayerNormTraining[] = [];
  for (const [i, { kind, seed }] of plans.entries()) {
    const told = (_: string, done: number) => study.onProgress?.(STEP, (i + done) / plans.length);
    const key = `training ${kind.kind} ${kind.preLayerNorm ?? "as it is"} ${seed}`;
    const bench = { data, pictures, training };
    const own = { ...study, corruptor, onProgress: told };
    made.push(await piece(study, key, () => trained(kind, seed, bench, own)));
    told(STEP, 1);
  }
  return made;
}

const kindsOf = ({ effort: { modes } }: PreLayerNormStudy): Kind[] => [
  ...[null, ...modes].map((preLayerNorm) => ({ kind: "vit", preLayerNorm }) as const),
  { kind: "cnn", preLayerNorm: null },
];

function build({ kind, preLayerNorm }: Kind, data: TrainingData, seed: number): Model {
  const input = inputOptions(data);
  if (kind === "cnn") return plainCnn.build({ ...input, ...CNN_OPTIONS }, seed);
  return vit.build({ ...input, ...VIT_OPTIONS, prelayernorm: preLayerNorm ?? "none" }, seed);
}

interface Bench {
  readonly data: TrainingData;
  /** Those that are corrupted. */
  readonly pictures: TrainingPictures;
  readonly training: PreLayerNormStudy;
}

/** Of a step's work the training takes about so much. */
const TRAINING_SHARE = 0.6;

async function trained(
  kind: Kind,
  seed: number,
  { data, pictures, training: { bench, effort } }: Bench,
  study: CorruptedStudy,
): Promise<PreLayerNormTraining> {
  const { epochs } = effort;
  const { signal } = study;
  const network = build(kind, data, seed);
  const parameters = parameterCount(describeModel(network));
  const facts = { network: data.train.name, ...kind, seed, epochs, parameters };
  const onEpoch = (done: number) => study.onProgress?.("", TRAINING_SHARE * done);
  const made = await unlessDiverged(() =>
    trainNetwork(network, data, { ...RECIPE, epochs, seed }, { ...bench, signal }, { onEpoch }),
  );
  if (made === undefined) {
    return { ...facts, accuracy: chanceOf(data), ...UNMEASURED, diverged: true };
  }
  await using model = openTrained(made.info, bench);
  return {
    ...facts,
    accuracy: made.accuracy,
    ...(await underCorruptions(model, pictures, study)),
    scales:
      kind.kind === "cnn" ? [] : await scales(model, limitPictures(pictures, effort.scaled, seed), study),
    diverged: false,
  };
}

const UNMEASURED = { clean: null, corrupted: null, enhanced: null, corruptions: [], scales: [] } as const;

const NAME = "network";

async function underCorruptions(model: VisionModel, pictures: TrainingPictures, study: CorruptedStudy) {
  const { seed, signal, corruptor, batch = pictures.count, corruptions, onProgress } = study;
  const entries = sourcesOf(pictures);
  const labels = entries.map(({ label }) => label);
  const subject = createSubject(NAME, model, labels, "class");
  const conditions = conditionsOf(corruptions);
  const observations = createObservations([subject], conditions, entries.length);
  await runRobustness(
    { subjects: [subject], entries, images: [...entries.keys()], conditions, seed, batch, at: "input" },
    {
      corruptor,
      observations,
      signal,
      onSkip: ({ error }) => {
        throw error;
      },
      onProgress: (done) => onProgress?.("", TRAINING_SHARE + (1 - TRAINING_SHARE) * done),
    },
  );
  return accuraciesOf(observations, NAME, corruptions);
}

async function scales(model: VisionModel, pictures: TrainingPictures, { signal, batch }: CorruptedStudy) {
  const measured = await measureScales(model, sourcesOf(pictures), {
    signal,
    batch: batch ?? pictures.count,
  });
  return scaleFactors(measured);
}
