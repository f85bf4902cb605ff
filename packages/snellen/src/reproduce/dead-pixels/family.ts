// A family of networks trained alike, whose kernels, depths and widths differ: does the size of the field tell the accuracy?
// Kim et al., arXiv:2108.13576, section 3, on networks of this project.
import { relation } from "../../cam/measures/relation.ts";
import { limitPictures } from "../../datasets/pictures/limit-pictures.ts";
import { plainCnn } from "../../networks/index.ts";
import { meanSigma } from "../../receptive-field/size/mean-sigma.ts";
import { type DescribedModel, describeModel } from "../../vision-model/describe.ts";
import { parameterCount } from "../../vision-model/parameters.ts";
import { meanOf } from "../claims-section.ts";
import { piece } from "../study.ts";
import { trainNetwork } from "../train-network.ts";
import { openTrained, sourcesOf } from "../trained-networks.ts";
import { chanceOf, limitedData, optionsFor, type TrainingData, unlessDiverged } from "../training-study.ts";
import type { SizeRelation } from "./claims.ts";
import { type DeadPixelTraining, SEEDS_APART, type TrainingContext } from "./padded-trainings.ts";
import { FIELD_BATCH } from "./score-unevenness.ts";
import { RECIPES } from "./training-effort.ts";

/** One training. Plain data; null where something is not known. */
export interface FamilyTraining extends FieldOfNetwork {
  readonly network: string;
  readonly seed: number;
  readonly parameters: number;
  /** On the test images after the last epoch, 0 to 1; of chance where it diverged. */
  readonly accuracy: number;
  readonly diverged: boolean;
}

interface FieldOfNetwork {
  /** √(σ_X·σ_Y) of the effective field of the last map, after training, pixels; null where no Gaussian fits. */
  readonly sigma: number | null;
  readonly r2: number | null;
  /** √(rows · columns) of the theoretical field, pixels; null for the whole image. */
  readonly theoretical: number | null;
}

/** The means of a network's trainings. */
export type FamilyMember = Omit<FamilyTraining, "seed" | "r2" | "diverged"> & { readonly trainings: number };

const KERNELS = [3, 5, 7] as const;
const CONVOLUTIONS = [1, 2] as const;

interface Member {
  readonly network: string;
  readonly options: {
    readonly widths: readonly number[];
    readonly strides: readonly number[];
    readonly convolutions: number;
    readonly kernel: number;
  };
}

/** Two stages that halve their maps. */
const membersOf = (widths: readonly number[]): Member[] =>
  widths.flatMap((width) =>
    CONVOLUTIONS.flatMap((convolutions) =>
      KERNELS.map((kernel) => ({
        network: `kernel ${kernel}, ${2 * convolutions} layers, width ${width}`,
        options: { widths: [width, 2 * width], strides: [2, 2], convolutions, kernel },
      })),
    ),
  );

const STEP = "trainings, sizes of fields";

/** @throws what training and measuring throw */
export async function trainFamily(
  training: DeadPixelTraining,
  study: TrainingContext,
): Promise<FamilyTraining[]> {
  const { family } = training.effort;
  const data = limitedData(training.data, family, study.seed);
  const seeds = Array.from({ length: family.seeds }, (_, k) => study.seed * SEEDS_APART + k);
  const plans = membersOf(family.widths).flatMap((member) => seeds.map((seed) => ({ member, seed })));
  const made: FamilyTraining[] = [];
  for (const [i, { member, seed }] of plans.entries()) {
    const onProgress = (_: string, done: number) => study.onProgress?.(STEP, (i + done) / plans.length);
    const work = () => trained(member, seed, data, training, { ...study, onProgress });
    made.push(await piece(study, `family ${member.network} ${seed}`, work));
    onProgress(STEP, 1);
  }
  return made;
}

async function trained(
  { network, options }: Member,
  seed: number,
  data: TrainingData,
  { bench, effort }: DeadPixelTraining,
  { signal, onProgress }: TrainingContext,
): Promise<FamilyTraining> {
  const untrained = plainCnn.build({ ...optionsFor(data), ...options }, seed);
  const facts = { network, seed, parameters: parameterCount(describeModel(untrained)) };
  const recipe = { ...RECIPES.classification, epochs: effort.family.epochs, seed };
  const onEpoch = (done: number) => onProgress?.("", done);
  const made = await unlessDiverged(() =>
    trainNetwork(untrained, data, recipe, { ...bench, signal }, { onEpoch }),
  );
  if (made === undefined) {
    const unmeasured = { sigma: null, r2: null, theoretical: null };
    return { ...facts, accuracy: chanceOf(data), diverged: true, ...unmeasured };
  }
  const pictures = limitPictures(data.test, effort.fieldImages, seed);
  return {
    ...facts,
    accuracy: made.accuracy,
    diverged: false,
    ...(await fieldOf(made.info, pictures, { bench, signal })),
  };
}

async function fieldOf(
  info: DescribedModel,
  pictures: TrainingData["test"],
  { bench, signal }: Pick<DeadPixelTraining, "bench"> & Pick<TrainingContext, "signal">,
): Promise<FieldOfNetwork> {
  await using model = openTrained(info, bench);
  const field = await model.erf(sourcesOf(pictures), { batch: FIELD_BATCH, signal });
  const [rows, columns] = field.theoretical?.size ?? [null, null];
  return {
    sigma: field.converged ? meanSigma(field) : null,
    r2: field.r2,
    theoretical: rows === null || columns === null ? null : Math.sqrt(rows * columns),
  };
}

/** A network each; numbers that no training of it has are null. */
export function familyMembers(trainings: readonly FamilyTraining[]): FamilyMember[] {
  return [...new Set(trainings.map(({ network }) => network))].map((network) => {
    const own = trainings.filter((training) => training.network === network);
    const mean = (of: (training: FamilyTraining) => number | null) => {
      const known = own.flatMap((training) => of(training) ?? []);
      return known.length === 0 ? null : meanOf(known);
    };
    return {
      network,
      parameters: Math.max(...own.map(({ parameters }) => parameters)),
      accuracy: mean(({ accuracy }) => accuracy) as number,
      sigma: mean(({ sigma }) => sigma),
      theoretical: mean(({ theoretical }) => theoretical),
      trainings: own.length,
    };
  });
}

/** Over the networks of the family; none without trainings. */
export function familyRelations(trainings: readonly FamilyTraining[], seed: number): SizeRelation[] {
  const members = familyMembers(trainings);
  if (members.length === 0) return [];
  const pairsOf = (of: "sigma" | "theoretical") =>
    members.flatMap(({ [of]: size, accuracy }): [number, number][] =>
      size === null ? [] : [[size, accuracy]],
    );
  return (
    [
      ["sigma", "sigma"],
      ["theoretical size", "theoretical"],
    ] as const
  ).map(([of, field]) => ({ dataset: FAMILY, of, ...relation(pairsOf(field), seed) }));
}

/** As findings name it. */
const FAMILY = "networks trained alike";
