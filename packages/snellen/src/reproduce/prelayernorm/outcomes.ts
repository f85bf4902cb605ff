// What all networks of a data set make of its images under every condition, a few images at a time, so that an interrupted run goes
// on from there. Derived here.
import type { Corruptor } from "../../corruptions/corruptor.ts";
import type { ImageInput } from "../../images/image.ts";
import { type Source, skipReason } from "../../images/stream.ts";
import { type Condition, conditionKey } from "../../robustness/condition.ts";
import { createObservations, type Observation, type Observations } from "../../robustness/observations.ts";
import { runRobustness } from "../../robustness/run-robustness.ts";
import type { Subject } from "../../robustness/subject.ts";
import { piece, type Study } from "../study.ts";
import type { DatasetResult } from "./result.ts";

/** Images that are kept together, and those run at a time by default. */
const CHUNK = 40;
const BATCH = 20;

export interface OutcomePlan {
  readonly dataset: string;
  readonly subjects: readonly Subject[];
  readonly entries: readonly Source<ImageInput>[];
  readonly conditions: readonly Condition[];
}

export type OutcomeStudy = Pick<Study, "seed" | "signal" | "recall" | "keep" | "onProgress"> & {
  readonly corruptor: Corruptor;
  /** Images run at a time; default 20. */
  readonly batch?: number | undefined;
};

/** One network's outcomes under one condition, as columns. */
interface Outcomes {
  readonly model: string;
  readonly condition: string;
  readonly image: readonly number[];
  readonly predicted: readonly number[];
  readonly rank: readonly number[];
}

interface Chunk {
  readonly outcomes: readonly Outcomes[];
  readonly skipped: DatasetResult["skipped"];
}

/** @throws what `runRobustness` throws */
export async function observeAll(
  plan: OutcomePlan,
  study: OutcomeStudy,
): Promise<{ readonly observations: Observations; readonly skipped: DatasetResult["skipped"] }> {
  const { dataset, subjects, entries, conditions } = plan;
  const observations = createObservations(subjects, conditions, entries.length);
  const skipped: DatasetResult["skipped"][number][] = [];
  for (let first = 0; first < entries.length; first += CHUNK) {
    const images = [...entries.keys()].slice(first, first + CHUNK);
    const share = (done: number) =>
      study.onProgress?.(`${dataset}, corruptions`, (first + done * images.length) / entries.length);
    const chunk = await piece(study, `outcomes ${dataset} ${first}`, () =>
      observed(plan, images, study, share),
    );
    for (const { model, condition, ...columns } of chunk.outcomes)
      observations.record(model, condition, entriesOf(columns));
    skipped.push(...chunk.skipped);
    share(1);
  }
  return { observations, skipped };
}

async function observed(
  { subjects, entries, conditions }: OutcomePlan,
  images: readonly number[],
  { seed, signal, corruptor, batch = BATCH }: OutcomeStudy,
  onProgress: (done: number) => void,
): Promise<Chunk> {
  const outcomes: Outcomes[] = [];
  const skipped: DatasetResult["skipped"][number][] = [];
  await runRobustness(
    { subjects, entries, images, conditions, seed, batch, at: "input" },
    {
      corruptor,
      observations: createObservations(subjects, conditions, entries.length),
      signal,
      onProgress,
      onSkip: (picture) => skipped.push({ source: picture.source, reason: skipReason(picture) }),
      onOutcomes: async ({ name }, condition, observations) => {
        outcomes.push({ model: name, condition: conditionKey(condition), ...columnsOf(observations) });
      },
    },
  );
  return { outcomes, skipped };
}

const columnsOf = (observations: readonly Observation[]) => {
  const classes = observations.filter((own) => own.agreement === undefined);
  return {
    image: classes.map(({ image }) => image),
    predicted: classes.map(({ predicted }) => predicted),
    rank: classes.map(({ rank }) => rank),
  };
};

/** Confidences are no part of the experiment. */
const entriesOf = ({ image, predicted, rank }: Omit<Outcomes, "model" | "condition">): Observation[] =>
  image.map((own, i) => ({
    image: own,
    predicted: predicted[i] as number,
    rank: rank[i] as number,
    confidence: 0,
  }));
