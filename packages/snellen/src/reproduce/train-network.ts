// One training of an experiment: a network in memory, on pictures in memory, from a seed; what it gives is plain data and the network.
import type { Model } from "@snellen/graph";
import type { TrainingPictures } from "../datasets/pictures/training-pictures.ts";
import type { Runtime, SessionOptions } from "../runtime/runtime.ts";
import { alignClasses, withClasses } from "../train/aligned-classes.ts";
import { type Augmentation, noAugmentation } from "../train/augmentation/index.ts";
import { createBatchMaker } from "../train/batch-maker.ts";
import type { EpochMetrics } from "../train/checkpoint.ts";
import { fit } from "../train/fit.ts";
import { prepareTraining, type TrainingWishes } from "../train/prepare.ts";
import { type Schedule, schedule } from "../train/schedules.ts";
import type { TrainedModel } from "../train/trained-model.ts";
import { createTraining } from "../train/training.ts";
import { type DescribedModel, describeModel } from "../vision-model/describe.ts";

/** What trainings of an experiment run with. */
export interface TrainingBench {
  readonly runtime: Runtime;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
}

export interface TrainingRecipe extends TrainingWishes {
  readonly epochs: number;
  readonly batch: number;
  /** Highest learning rate. */
  readonly rate: number;
  /** Default cosine. */
  readonly schedule?: string;
  /** Epochs; default none. */
  readonly warmup?: number;
  readonly augmentation?: Augmentation;
  /** Of the order and the augmentation. */
  readonly seed: number;
}

export interface TrainedNetwork {
  /** With the weights of the last epoch, ready to be opened. */
  readonly info: DescribedModel;
  /** Its file. */
  readonly model: Model;
  /** On the test pictures after the last epoch, 0 to 1. */
  readonly accuracy: number;
  /** Mean over the test pictures. */
  readonly loss: number;
  /** `validation` is of the test pictures where they are watched. */
  readonly epochs: readonly EpochMetrics[];
}

/**
 * Trains it; the last epoch's weights count, so that test pictures choose nothing.
 * @param watched whether to measure on the test pictures after every epoch
 * @param onEpoch told the share of epochs done
 * @param onNetwork called after every epoch with what makes the network as it is then
 * @throws ModelError `diverged`, and what preparing and running throw
 */
export async function trainNetwork(
  network: Model,
  { train, test }: { readonly train: TrainingPictures; readonly test: TrainingPictures },
  recipe: TrainingRecipe,
  { runtime, session, signal }: TrainingBench,
  {
    watched = false,
    onEpoch,
    onNetwork,
  }: {
    readonly watched?: boolean;
    readonly onEpoch?: (done: number) => void;
    readonly onNetwork?: (network: () => TrainedModel) => void;
  } = {},
): Promise<TrainedNetwork> {
  const { info, options } = prepareTraining(describeModel(network), recipe);
  const { spec } = info.preprocessing;
  const { seed, augmentation = noAugmentation, batch, epochs } = recipe;
  const sourceOf = (pictures: TrainingPictures, augmentation: Augmentation) =>
    withClasses(createBatchMaker(pictures, { spec, augmentation, seed }), alignClasses(info, pictures));
  await using training = await createTraining(info, options, { runtime, seed, session });
  const tested = sourceOf(test, noAugmentation);
  const evaluation = { batch: Math.max(batch, 100), signal };
  const plan = {
    epochs,
    batch,
    rate: recipe.rate,
    schedule: scheduleOf(recipe),
    warmup: recipe.warmup ?? 0,
    seed,
  };
  const last = await fit(plan, {
    trainer: training.trainer,
    training: sourceOf(train, augmentation),
    keptOf: training.keptOf,
    validate: watched ? (state) => training.evaluate(training.keptOf(state), tested, evaluation) : undefined,
    onEpoch: ({ epoch }) => {
      onEpoch?.(epoch / epochs);
      onNetwork?.(() => training.model(training.keptOf(training.trainer.state())));
    },
    diagnose: training.diagnose,
    signal,
  });
  const kept = training.keptOf(last.state);
  const { accuracy, loss } = await training.evaluate(kept, tested, evaluation);
  const trained = training.model(kept);
  return { info: trained.info, model: trained.model, accuracy, loss, epochs: last.progress.epochs };
}

const scheduleOf = ({ schedule: id = "cosine" }: TrainingRecipe): Schedule => schedule(id);
