// Trains networks with every choice of groups, from several seeds, and measures the gains that they begin with. arXiv:2302.03193.
import type { Model } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import { describeModel } from "../../vision-model/describe.ts";
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
import {
  advisedChoices,
  channelsOf,
  fixedChoices,
  type GroupChoice,
  type GroupedNetwork,
  groupedNetworks,
  innerBlocks,
  usualGroups,
} from "./trained-networks.ts";
import type { GroupTraining } from "./trainings.ts";

/** What the trainings may spend. */
export interface GroupTrainingEffort {
  /** Kinds of network, of those that the experiment knows. */
  readonly kinds: number;
  /** Of weights and order, a network each. */
  readonly seeds: number;
  /** Pictures to learn from, and to judge by. */
  readonly train: number;
  readonly test: number;
  /** Times the network's own length. */
  readonly epochs: number;
  /** Numbers of groups that are tried for all layers of a network alike. */
  readonly numbers: number;
}

/** Six seeds are the fewest of which pairs can differ with p < 0.05 (2 of 2⁶ sign patterns). */
export const GROUP_TRAININGS = {
  full: { kinds: 6, seeds: 6, train: 3600, test: 2000, epochs: 2, numbers: 8 },
  quick: { kinds: 4, seeds: 3, train: 1500, test: 1000, epochs: 1, numbers: 4 },
} as const satisfies Readonly<Record<string, GroupTrainingEffort>>;

type Training = TrainingStudy<GroupTrainingEffort>;
type TrainedStudy = Pick<Study, "seed" | "signal" | "recall" | "keep" | "onProgress">;

/** Pictures that gains are measured on. */
const MEASURED = 8;

/**
 * Every choice of every network and seed; choices that come to the same groups share one training.
 * @param kinds default: those of the experiment
 * @throws what training throws, but for divergence, which is a result
 */
export async function groupTrainings(
  study: TrainedStudy,
  training: Training,
  kinds: readonly GroupedNetwork[] = groupedNetworks,
): Promise<GroupTraining[]> {
  const { effort } = training;
  const data = limitedData(training.data, effort, study.seed);
  const networks = kinds.slice(0, effort.kinds);
  const results: GroupTraining[] = [];
  for (const [i, network] of networks.entries())
    for (let k = 0; k < effort.seeds; k++) {
      const seed = study.seed * 1000 + k;
      results.push(...(await ofSeed(study, { ...training, data }, network, seed)));
      study.onProgress?.(
        `trainings, ${network.name}`,
        (i * effort.seeds + k + 1) / networks.length / effort.seeds,
      );
    }
  return results;
}

async function ofSeed(
  study: TrainedStudy,
  training: Training,
  network: GroupedNetwork,
  seed: number,
): Promise<GroupTraining[]> {
  const { data, effort } = training;
  const pictures = optionsFor(data);
  const channels = channelsOf(network, pictures);
  const images = await firstPictures(data.train, MEASURED);
  const advised = await piece(study, `advice for ${network.name} ${seed}`, async () => {
    await using model = openTrained(
      describeModel(network.build(pictures, usualGroups(channels), seed)),
      training.bench,
    );
    return await advisedChoices(model, { kind: "images", images }, { seed, signal: study.signal });
  });
  const results: GroupTraining[] = [];
  for (const choice of [...advised, ...fixedChoices(channels, effort.numbers)]) {
    const key = `trained ${network.name} ${seed} ${shortGroups(choice.groups)}`;
    const known = results.find(({ groups }) => groups.join() === choice.groups.join());
    const found =
      known ?? (await piece(study, key, () => trained(study, training, network, { choice, images, seed })));
    results.push({ ...found, choice: choice.choice });
  }
  return results;
}

/** How each network is trained, a sentence each. */
export const groupRecipes = (effort: GroupTrainingEffort): string[] =>
  groupedNetworks
    .slice(0, effort.kinds)
    .map(
      ({ name, recipe, length }) =>
        `${name}: ${counted(epochsOf(effort, length))}, ${recipeText(recipe)}, no decay.`,
    );

const counted = (epochs: number): string => (epochs === 1 ? "1 epoch" : `${epochs} epochs`);

const epochsOf = ({ epochs }: GroupTrainingEffort, length: number): number =>
  Math.max(1, Math.round(epochs * length));

/** "8", or "8-4-2". */
const shortGroups = (groups: readonly number[]): string =>
  groups.every((g) => g === groups[0]) ? String(groups[0]) : groups.join("-");

interface OneTraining {
  readonly choice: GroupChoice;
  readonly images: readonly ImageInput[];
  readonly seed: number;
}

async function trained(
  { signal }: TrainedStudy,
  training: Training,
  { name, build, recipe, length }: GroupedNetwork,
  { choice: { choice, groups }, images, seed }: OneTraining,
): Promise<GroupTraining> {
  const { bench, data, effort } = training;
  const model = build(optionsFor(data), groups, seed);
  const epochs = epochsOf(effort, length);
  const distances = await distancesOf(model, training, images, { seed, signal });
  const found = await unlessDiverged(() =>
    trainNetwork(model, data, { ...recipe, epochs, seed }, { ...bench, signal }),
  );
  const isDiverged = found === undefined || !Number.isFinite(found.loss);
  return {
    network: name,
    choice,
    groups,
    seed,
    epochs,
    isDiverged,
    accuracy: isDiverged ? chanceOf(data) : found.accuracy,
    losses: found?.epochs.map(({ loss }) => loss) ?? [],
    ...distances,
  };
}

/** With γ = 1 and β = 0, as networks begin. */
async function distancesOf(
  graph: Model,
  training: Training,
  images: readonly ImageInput[],
  options: { readonly seed: number; readonly signal: AbortSignal | undefined },
): Promise<Pick<GroupTraining, "distance" | "distanceByVariance">> {
  await using model = openTrained(describeModel(graph), training.bench);
  const blocks = innerBlocks(model);
  const found = await measureGains(model, blocks, images, {
    ...options,
    candidates: ({ normalization }) => [normalization.groups ?? 1],
  });
  const mean = (factor: (i: number) => number): number | null => {
    const gains = found.map(([gain], i) => (gain?.gain ?? 0) * factor(i));
    if (gains.length === 0 || !gains.every((gain) => gain > 0)) return null;
    return gains.reduce((sum, gain) => sum + Math.abs(Math.log(gain)), 0) / gains.length;
  };
  const sizeRatio = (i: number) => (blocks[i]?.outputSize ?? 1) / (blocks[i]?.inputSize ?? 1);
  return { distance: mean(() => 1), distanceByVariance: mean(sizeRatio) };
}
