// The experiment on L2 regularization of γ (arXiv:2205.07260): what smaller γ do to residual blocks, which γ are scale-invariant,
// whether their gradients are as long as the argument of the effective learning rate has it, and what decay does to trainings.
import type { Model } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import { classifyGammas } from "../../normalization/gammas/classify-gammas.ts";
import { type GammaPlan, gammaPlan, type PlannedGamma } from "../../normalization/gammas/gamma-plan.ts";
import { varianceRatios } from "../../normalization/gammas/variance-ratios.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { eachGiven, type GivenFacts, type GivenModel } from "../given.ts";
import { eachSeed, layersOf, type Study } from "../study.ts";
import { dataFacts, type TrainingStudy } from "../training-study.ts";
import { gammaGradients } from "./gradient.ts";
import { type GammaNetwork, gammaNetworks } from "./networks.ts";
import type { TrainedOn } from "./report-trainings.ts";
import { withStatisticsOf } from "./statistics.ts";
import { type GammaTrainingEffort, gammaRecipes, gammaTrainings } from "./train-gammas.ts";
import type { GammaTraining } from "./trainings.ts";

export type GammaCategory = PlannedGamma["category"];

/** Var(F(x)) / Var(x) of every block when the γ of one category have a certain value, and all others 1. */
export interface BlockRatios {
  readonly category: GammaCategory;
  readonly gamma: number;
  /** Mean over pictures, by block; null where the skip has no variance. */
  readonly ratios: readonly (number | null)[];
}

/** One γ of a made network. */
export interface MeasuredGamma {
  readonly parameter: string;
  readonly category: GammaCategory;
  /** Scale-invariant only nearly so. */
  readonly nearly: boolean;
  /** ‖y(2γ) − y‖ / ‖y‖; null where the scores are 0. */
  readonly scaleChange: number | null;
  /** Whether that bears the category out; null where it says nothing. */
  readonly agrees: boolean | null;
  /** t·‖∂L/∂(tγ)‖ over ‖∂L/∂γ‖ when all γ of its category are scaled by t: 1 if the gradient goes as 1/t. */
  readonly products: readonly { readonly factor: number; readonly product: number | null }[];
}

/** One network, untrained. */
export interface GammaRun {
  readonly blocks: readonly string[];
  readonly ratios: readonly BlockRatios[];
  readonly gammas: readonly MeasuredGamma[];
}

export interface GammaStudy {
  readonly network: string;
  /** Networks whose weights were drawn anew. */
  readonly runs: readonly GammaRun[];
}

/** A given network, as it is. */
export interface GivenGammas extends GivenFacts {
  /** Null where it was refused. */
  readonly plan: GammaPlan | null;
}

/** What the experiment on γ is given. */
export interface GammasOptions extends Study {
  /** Networks as they are, such as the embedded ones and the user's own; default none. */
  readonly models?: readonly GivenModel[];
  /** What networks are trained on; without it what only trainings can tell is not measured. */
  readonly training?: TrainingStudy<GammaTrainingEffort>;
}

/** Plain data. */
export interface GammasExperiment {
  readonly version: 1;
  readonly seed: number;
  readonly effort: Study["effort"];
  readonly studies: readonly GammaStudy[];
  readonly models: readonly GivenGammas[];
  readonly trainings: readonly GammaTraining[];
  /** Null without trainings. */
  readonly trainedOn: TrainedOn | null;
}

/** Values that γ of a category are set to; 1 is how they start. */
const VALUES: Readonly<Partial<Record<GammaCategory, readonly number[]>>> = {
  "branch-last": [0.5, 0.25, 0],
  shortcut: [0.5, 0.25],
};
const FACTORS = [0.5, 2, 4];
/** Blocks of a stage of a ResNet, half of those of a transformer. */
const DEPTH = 3;
/** A batch whose statistics BatchNormalization takes. */
const IMAGES = 16;

/**
 * Runs the experiment: the given networks first, then untrained ones that it makes, trainings last.
 * @throws what running the given networks throws
 */
export async function reproduceGammas(options: GammasOptions): Promise<GammasExperiment> {
  const { seed, effort, models = [], training, signal } = options;
  const given = await eachGiven<Pick<GivenGammas, "plan">>(
    options,
    models,
    { plan: null },
    async ({ model, images }) => ({ plan: await gammaPlan(model, images, { signal }) }),
  );
  const studies: GammaStudy[] = [];
  for (const network of gammaNetworks(layersOf(DEPTH, options)))
    studies.push(await gammaStudy(network, options));
  return {
    version: 1,
    seed,
    effort,
    studies,
    models: given,
    trainings: training === undefined ? [] : await gammaTrainings(options, training),
    trainedOn: training === undefined ? null : trainedOn(training),
  };
}

const trainedOn = ({ data, effort }: TrainingStudy<GammaTrainingEffort>): TrainedOn => ({
  data: dataFacts(data),
  effort,
  recipes: gammaRecipes(effort),
});

/** One kind of network. */
export async function gammaStudy(network: GammaNetwork, study: Study): Promise<GammaStudy> {
  const { name } = network;
  const runs = await eachSeed(study, { step: name, key: name }, (seed) => runOf(network, study, seed));
  return { network: name, runs };
}

async function runOf(network: GammaNetwork, study: Study, seed: number): Promise<GammaRun> {
  await using model = await opened(network, study, network.build(seed), seed);
  const images = gaussianImages(model.info, IMAGES, seed);
  const { signal } = study;
  const plan = await gammaPlan(model, images, { signal });
  const categories = new Map(plan.gammas.map(({ parameter, category }) => [parameter, category]));
  const start = { gamma: 1, ratios: plan.blocks.map(({ varianceRatio }) => varianceRatio) };
  const ratios: BlockRatios[] = [];
  for (const [category, values] of Object.entries(VALUES) as [GammaCategory, readonly number[]][]) {
    if (![...categories.values()].includes(category)) continue;
    ratios.push({ category, ...start });
    for (const gamma of values) {
      signal?.throwIfAborted();
      const gammaOf = (name: string) => (categories.get(`${name}.weight`) === category ? gamma : 1);
      await using changed = await opened(network, study, network.build(seed, gammaOf), seed);
      const found = await varianceRatios(changed, classifyGammas(changed.info), images, { signal });
      ratios.push({
        category,
        gamma,
        ratios: found.map(({ mean }) => (Number.isFinite(mean) ? mean : null)),
      });
    }
  }
  return {
    blocks: plan.blocks.map(({ node }) => node),
    ratios,
    gammas: await withProducts(model, plan, images, seed),
  };
}

/** With the statistics of the pictures, where it keeps any. */
async function opened(
  { keepsStatistics }: GammaNetwork,
  study: Study,
  graph: Model,
  seed: number,
): Promise<VisionModel> {
  if (!keepsStatistics) return study.open(graph);
  await using model = study.open(graph);
  return study.open(await withStatisticsOf(model, gaussianImages(model.info, IMAGES, seed)));
}

async function withProducts(
  model: VisionModel,
  { gammas }: GammaPlan,
  images: readonly ImageInput[],
  seed: number,
): Promise<MeasuredGamma[]> {
  const names = gammas.map(({ parameter }) => parameter);
  const lengths = gammaGradients(model, names, images, seed);
  const start = await lengths(names.map(() => 1));
  const products: { factor: number; product: number | null }[][] = names.map(() => []);
  for (const category of new Set(gammas.map((gamma) => gamma.category)))
    for (const factor of FACTORS) {
      const found = await lengths(gammas.map((gamma) => (gamma.category === category ? factor : 1)));
      gammas.forEach((gamma, i) => {
        const [length, first] = [found[i] as number, start[i] as number];
        const product = first > 0 ? (factor * length) / first : null;
        if (gamma.category === category) products[i]?.push({ factor, product });
      });
    }
  return gammas.map(({ parameter, category, nearly, evidence }, i) => ({
    parameter,
    category,
    nearly,
    scaleChange: evidence?.scaleChange ?? null,
    agrees: evidence?.agrees ?? null,
    products: products[i] ?? [],
  }));
}
