// Trains networks with every choice of γ to decay, from several seeds and with several strengths, and looks at what became of their
// γ and residual blocks. arXiv:2205.07260.
import { type Model, type Tensor, tensorValues } from "@snellen/graph";
import { classifyGammas } from "../../normalization/gammas/classify-gammas.ts";
import { varianceRatios } from "../../normalization/gammas/variance-ratios.ts";
import { decayedScales } from "../../train/decayed-scales.ts";
import { type DescribedModel, describeModel } from "../../vision-model/describe.ts";
import { piece, type Study } from "../study.ts";
import { trainNetwork } from "../train-network.ts";
import { firstPictures, openTrained } from "../trained-networks.ts";
import {
  chanceOf,
  limitedData,
  optionsFor,
  recipeText,
  type TrainingStudy,
  unlessDiverged,
} from "../training-study.ts";
import { type DecayedNetwork, decayedNetworks, decayedSets } from "./trained-networks.ts";
import type { DecayedGammas, GammaTraining } from "./trainings.ts";

/** What the trainings may spend. */
export interface GammaTrainingEffort {
  /** Kinds of network, of those that the experiment knows. */
  readonly kinds: number;
  /** Strengths of decay, of each network's own, the strongest first. */
  readonly strengths: number;
  /** Of weights and order, a network each. */
  readonly seeds: number;
  /** Pictures to learn from, and to judge by. */
  readonly train: number;
  readonly test: number;
  readonly epochs: number;
}

/** Six seeds would be the fewest of which pairs can differ with p < 0.05 (2 of 2⁶ sign patterns); published effects are small. */
export const GAMMA_TRAININGS = {
  full: { kinds: 4, strengths: 2, seeds: 8, train: 500, test: 2000, epochs: 16 },
  quick: { kinds: 3, strengths: 1, seeds: 3, train: 500, test: 1000, epochs: 8 },
} as const satisfies Readonly<Record<string, GammaTrainingEffort>>;

type Training = TrainingStudy<GammaTrainingEffort>;
type TrainedStudy = Pick<Study, "seed" | "signal" | "recall" | "keep" | "onProgress">;

/** Pictures that Var(F)/Var(x) is measured on. */
const MEASURED = 32;

/**
 * Every choice of every network, strength and seed; choices that come to the same γ share one training.
 * @param kinds default: those of the experiment
 * @throws what training throws, but for divergence, which is a result
 */
export async function gammaTrainings(
  study: TrainedStudy,
  training: Training,
  kinds: readonly DecayedNetwork[] = decayedNetworks,
): Promise<GammaTraining[]> {
  const { effort } = training;
  const data = limitedData(training.data, effort, study.seed);
  const networks = kinds.slice(0, effort.kinds);
  const results: GammaTraining[] = [];
  for (const [i, network] of networks.entries()) {
    const strengths = network.strengths.toReversed().slice(0, effort.strengths);
    const total = strengths.length * effort.seeds;
    for (const [j, strength] of strengths.entries())
      for (let k = 0; k < effort.seeds; k++) {
        const one = { network, strength, seed: study.seed * 1000 + k };
        results.push(...(await ofSeed(study, { ...training, data }, one)));
        const done = (j * effort.seeds + k + 1) / total;
        study.onProgress?.(`trainings, ${network.name}`, (i + done) / networks.length);
      }
  }
  return results;
}

interface Setting {
  readonly network: DecayedNetwork;
  readonly strength: number;
  readonly seed: number;
}

async function ofSeed(study: TrainedStudy, training: Training, setting: Setting): Promise<GammaTraining[]> {
  const { network, strength, seed } = setting;
  const model = network.build(optionsFor(training.data), seed);
  const known = new Map<string, GammaTraining>();
  const results: GammaTraining[] = [];
  for (const [decayed, set] of decayedSets(model)) {
    const gammas = [...set].sort().join();
    const key = `trained ${network.name} ${strength} ${seed} ${decayed}`;
    const found =
      known.get(gammas) ??
      (await piece(study, key, () => trained(study, training, setting, { model, decayed, set })));
    known.set(gammas, found);
    results.push({ ...found, decayed });
  }
  return results;
}

/** How each network is trained, a sentence each. */
export const gammaRecipes = ({ kinds, strengths: most }: GammaTrainingEffort): string[] =>
  decayedNetworks
    .slice(0, kinds)
    .map(
      ({ name, recipe, strengths }) =>
        `${name}: ${recipeText(recipe)}, decay ${strengths.toReversed().slice(0, most).join(" and ")}.`,
    );

interface Choice {
  readonly model: Model;
  readonly decayed: DecayedGammas;
  readonly set: ReadonlySet<string>;
}

async function trained(
  { signal }: TrainedStudy,
  { bench, data, effort }: Training,
  { network: { name, recipe }, strength, seed }: Setting,
  { model, decayed, set }: Choice,
): Promise<GammaTraining> {
  const { epochs } = effort;
  const untrained = describeModel(model);
  const scales = [...decayedScales(untrained, "scale-invariant")];
  const rates = [effectiveRate(untrained, scales, recipe.rate)];
  const found = await unlessDiverged(() =>
    trainNetwork(
      model,
      data,
      { ...recipe, epochs, seed, decay: strength, decayed: set },
      { ...bench, signal },
      { onNetwork: (network) => rates.push(effectiveRate(network().info, scales, recipe.rate)) },
    ),
  );
  const isDiverged = found === undefined || !Number.isFinite(found.loss);
  return {
    network: name,
    decayed,
    strength,
    seed,
    epochs,
    isDiverged,
    accuracy: isDiverged ? chanceOf(data) : found.accuracy,
    losses: found?.epochs.map(({ loss }) => loss) ?? [],
    testLoss: isDiverged ? null : found.loss,
    varianceRatio: isDiverged ? null : await meanRatio(found.info, { bench, data, effort }, signal),
    effectiveRates: rates,
    effectiveRate: isDiverged ? null : (rates.at(-1) ?? null),
  };
}

/** Geometric mean over these γ of lr/‖γ‖²; null without any, or where one is 0. */
function effectiveRate(info: DescribedModel, scales: readonly string[], rate: number): number | null {
  const logs = scales.map((name) => {
    const values = tensorValues(info.model.graph.initializers.get(name) as Tensor) as Float32Array;
    return Math.log(rate / values.reduce((sum, v) => sum + v * v, 0));
  });
  return geometricMean(logs);
}

const geometricMean = (logs: readonly number[]): number | null =>
  logs.length > 0 && logs.every(Number.isFinite)
    ? Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
    : null;

/** Geometric mean over residual blocks, on the first test pictures; null where one has none above 0. */
async function meanRatio(
  info: DescribedModel,
  { bench, data: { test } }: Training,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  await using model = openTrained(info, bench);
  const images = await firstPictures(test, MEASURED);
  const ratios = await varianceRatios(model, classifyGammas(info), images, { signal });
  // of a class token that is one constant there is none
  return geometricMean(ratios.flatMap(({ mean }) => (Number.isNaN(mean) ? [] : [Math.log(mean)])));
}
