// What a robustness run keeps as it goes: its settings, and outcomes batch by batch.
import { join } from "node:path";
import {
  type Condition,
  conditionKey,
  createObservations,
  type Observation,
  type Observations,
} from "snellen";
import type { Shard } from "../commands/robustness.ts";
import type { RunIdentity } from "./robustness-identity.ts";

/** The journal's first line. */
export interface RunSettings {
  readonly identity: RunIdentity;
  readonly shard: Shard | null;
}

/** One image that could not be read. */
export interface SkippedEntry {
  /** Its place in the list. */
  readonly image: number;
  readonly source: string;
  readonly reason: string;
}

/** One model's outcomes under one condition, as columns; or an image that was left out. */
export type JournalEntry =
  | { readonly skipped: SkippedEntry }
  | ({ readonly model: string; readonly condition: string; readonly image: readonly number[] } & (
      | {
          readonly predicted: readonly number[];
          readonly confidence: readonly number[];
          readonly rank: readonly number[];
        }
      | { readonly agreement: readonly number[] }
    ));

export const journalFile = (folder: string): string => join(folder, "robustness.jsonl");

export function entryOf(model: string, condition: Condition, outcomes: readonly Observation[]): JournalEntry {
  const head = { model, condition: conditionKey(condition), image: outcomes.map(({ image }) => image) };
  const classes = outcomes.filter((outcome) => outcome.agreement === undefined);
  if (classes.length > 0)
    return {
      ...head,
      predicted: classes.map(({ predicted }) => predicted),
      confidence: classes.map(({ confidence }) => confidence),
      rank: classes.map(({ rank }) => rank),
    };
  return { ...head, agreement: outcomes.map(({ agreement }) => agreement as number) };
}

/** What is known of a run: outcomes, and the images that nobody could read so far. */
export interface Ledger {
  readonly observations: Observations;
  readonly take: (entry: JournalEntry) => void;
  /** Images without any outcome that were tried in vain. */
  readonly skipped: () => readonly SkippedEntry[];
  /** Outcomes that are not known, of images that could be read or were not tried. */
  readonly missing: () => number;
}

export function createLedger({ models, conditions, images }: RunIdentity): Ledger {
  const observations = createObservations(models, conditions, images.count);
  const tried = new Map<number, SkippedEntry>();
  const isRead = (image: number) =>
    models.some(({ name }) => conditions.some((condition) => observations.has(name, condition, image)));
  const skipped = () => [...tried.values()].filter(({ image }) => !isRead(image));
  return {
    observations,
    take(entry) {
      if ("skipped" in entry) tried.set(entry.skipped.image, entry.skipped);
      else observations.record(entry.model, entry.condition, outcomesOf(entry));
    },
    skipped,
    missing() {
      const counts = models.flatMap(({ name }) => conditions.map((c) => observations.count(name, c)));
      const wanted = counts.length * (images.count - skipped().length);
      return wanted - counts.reduce((sum, n) => sum + n, 0);
    },
  };
}

function outcomesOf(entry: Exclude<JournalEntry, { skipped: unknown }>): Observation[] {
  return entry.image.map(
    (image, i): Observation =>
      "agreement" in entry
        ? { image, agreement: entry.agreement[i] as number }
        : {
            image,
            predicted: entry.predicted[i] as number,
            confidence: entry.confidence[i] as number,
            rank: entry.rank[i] as number,
          },
  );
}
