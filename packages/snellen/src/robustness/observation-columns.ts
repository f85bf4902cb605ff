// One model's outcomes under one condition as arrays over the list of images. Derived here.
import { InternalError, UsageError } from "@snellen/graph";
import type { ClassObservation, Observation } from "./observations.ts";

/** What both kinds can tell. */
interface Entries {
  readonly has: (image: number) => boolean;
  readonly count: () => number;
  readonly entries: () => Generator<Observation>;
}

export interface ClassColumns extends Entries {
  readonly outcome: "class";
  /** -1 where there is no outcome. */
  readonly predicted: Int32Array;
  readonly confidence: Float32Array;
  /** Place of the true class, 0 for the highest score; -1 without a label. */
  readonly rank: Int32Array;
}

export interface AgreementColumns extends Entries {
  readonly outcome: "agreement";
  /** NaN where there is no outcome. */
  readonly agreement: Float32Array;
}

export type Columns = ClassColumns | AgreementColumns;

/** Columns without an outcome. */
export function createColumns(outcome: Columns["outcome"], imageCount: number): Columns {
  if (outcome === "agreement") {
    const agreement = new Float32Array(imageCount).fill(Number.NaN);
    const has = (image: number) => !Number.isNaN(agreement[image] ?? Number.NaN);
    const read = (image: number) => ({ image, agreement: agreement[image] as number });
    return { outcome, agreement, ...entriesOf(imageCount, has, read) };
  }
  const predicted = new Int32Array(imageCount).fill(-1);
  const confidence = new Float32Array(imageCount);
  const rank = new Int32Array(imageCount).fill(-1);
  const has = (image: number) => (predicted[image] ?? -1) >= 0;
  const read = (image: number): ClassObservation => ({
    image,
    predicted: predicted[image] as number,
    confidence: confidence[image] as number,
    rank: rank[image] as number,
  });
  return { outcome, predicted, confidence, rank, ...entriesOf(imageCount, has, read) };
}

const entriesOf = (
  imageCount: number,
  has: (image: number) => boolean,
  read: (image: number) => Observation,
): Entries => {
  function* entries() {
    for (let image = 0; image < imageCount; image++) if (has(image)) yield read(image);
  }
  const count = () => {
    let found = 0;
    for (let image = 0; image < imageCount; image++) if (has(image)) found++;
    return found;
  };
  return { has, count, entries };
};

/** Probabilities are sums of rounded numbers. */
const ROUNDING = 1e-4;
/** Confidences of one image that may differ between machines and thread counts. */
const ALIKE = 1e-3;

/** Writes an entry that fits. @throws what `Observations.record` says */
export function writeEntry(columns: Columns, entry: Observation, where: string): void {
  const isClass = entry.agreement === undefined;
  if (isClass !== (columns.outcome === "class"))
    throw new InternalError(`not of the kind "${columns.outcome}".`, { where });
  const share = isClass ? entry.confidence : entry.agreement;
  const isInRange = share >= -ROUNDING && share <= 1 + ROUNDING && (!isClass || isPlace(entry));
  const size = columns.outcome === "class" ? columns.rank.length : columns.agreement.length;
  const { image } = entry;
  if (!isInRange || !(Number.isInteger(image) && image >= 0 && image < size))
    throw new InternalError(`an outcome is out of range: ${JSON.stringify(entry)}.`, { where });
  const shares = columns.outcome === "class" ? columns.confidence : columns.agreement;
  const kept = Math.fround(Math.min(1, Math.max(0, share)));
  const isNew = !columns.has(image);
  if (!isNew && !isAlike(columns, entry, Math.abs((shares[image] as number) - kept)))
    throw contradiction(image, where);
  // of two that are alike the larger, so that order does not matter
  shares[image] = isNew ? kept : Math.max(kept, shares[image] as number);
  if (columns.outcome === "class" && isClass) {
    columns.predicted[image] = entry.predicted;
    columns.rank[image] = entry.rank;
  }
}

const isPlace = ({ predicted, rank }: ClassObservation): boolean =>
  Number.isInteger(predicted) && predicted >= 0 && Number.isInteger(rank) && rank >= -1;

const isAlike = (columns: Columns, entry: Observation, distance: number): boolean =>
  distance <= ALIKE &&
  (columns.outcome === "agreement" ||
    entry.agreement !== undefined ||
    (columns.predicted[entry.image] === entry.predicted && columns.rank[entry.image] === entry.rank));

const contradiction = (image: number, where: string): UsageError =>
  new UsageError("contradicting-outcomes", `image ${image} has two different outcomes.`, {
    where,
    hint: "Put together only runs of the same models, images, labels and seed, or start afresh.",
  });
