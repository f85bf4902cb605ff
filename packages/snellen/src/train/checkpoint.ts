// Where a training stands: everything that decides how it goes on, so that one that was broken off ends with the same weights.
import { UsageError } from "@snellen/graph";

/** One epoch, as metrics files have it. */
export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number;
  /** Steps done after it. */
  readonly step: number;
  /** Learning rate of its last step. */
  readonly rate: number;
  /** Mean over its batches, each before its update, of augmented pictures. */
  readonly loss: number;
  /** 0 to 1, likewise. */
  readonly accuracy: number;
  /** Mean over its batches, before clipping. */
  readonly gradientNorm: number;
  /** On the validation pictures after it; null without any. */
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
}

/** Sums over the batches of an epoch that has begun. */
export interface EpochSums {
  readonly loss: number;
  readonly correct: number;
  readonly seen: number;
  readonly gradientNorm: number;
  readonly batches: number;
}

export const NO_SUMS: EpochSums = { loss: 0, correct: 0, seen: 0, gradientNorm: 0, batches: 0 };

export interface TrainingProgress {
  /** Steps done. */
  readonly step: number;
  /** Epochs done. */
  readonly epoch: number;
  readonly sums: EpochSums;
  readonly epochs: readonly EpochMetrics[];
  /** The epoch, from 1, whose weights `best` has. */
  readonly bestEpoch: number | null;
}

/** Where a training stands: everything that decides how it goes on. */
export interface Checkpoint {
  readonly progress: TrainingProgress;
  readonly state: ReadonlyMap<string, Float32Array>;
  /** Vectors of weights and statistics that did best on the validation pictures; undefined before the first. */
  readonly best: ReadonlyMap<string, Float32Array> | undefined;
}

/** Higher validation accuracy, or as high with a lower validation loss; never without validation. */
export function isBetter(now: EpochMetrics, before: EpochMetrics | undefined): boolean {
  const { validationAccuracy: accuracy, validationLoss: loss } = now;
  if (accuracy === null || loss === null) return false;
  const [best, least] = [
    before?.validationAccuracy ?? -1,
    before?.validationLoss ?? Number.POSITIVE_INFINITY,
  ];
  return accuracy > best || (accuracy === best && loss < least);
}

/**
 * A checkpoint goes on only under the settings that it was made with.
 * @param names what each setting is called; of flags the values are told too
 * @throws UsageError `other-settings`
 */
export function requireSame(
  earlier: object,
  now: object,
  where: string,
  names: Readonly<Record<string, string>> = {},
): void {
  const [a, b] = [earlier, now].map((settings) => new Map<string, unknown>(Object.entries(settings)));
  const keys = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])]);
  const changed = [...keys].filter((key) => JSON.stringify(a?.get(key)) !== JSON.stringify(b?.get(key)));
  if (changed.length === 0) return;
  const isFlag = (key: string): boolean => names[key]?.startsWith("--") === true;
  const others = changed.filter((key) => !isFlag(key)).map((key) => names[key] ?? key);
  const parts = [
    ...changed.filter(isFlag).map((key) => `${names[key]} ${shown(a?.get(key))} (now ${shown(b?.get(key))})`),
    ...(others.length === 0 ? [] : [`another ${others.join(", ")}`]),
  ];
  throw new UsageError("other-settings", `the checkpoint was made with ${parts.join(", ")}.`, {
    where,
    hint: changed.includes("epochs")
      ? "Learning rates follow from --epochs: to train longer, train the trained model, into another --out."
      : "Go on with the same model, data and flags, or begin anew, into another --out or with --overwrite.",
  });
}

const shown = (value: unknown): string => (value === undefined ? "none" : String(value));
