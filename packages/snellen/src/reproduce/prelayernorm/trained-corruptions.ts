// Networks that were trained alike, compared corruption by corruption in pairs of one seed. arXiv:2111.08413: a ViT is as robust as a CNN
// or more under most corruptions; how that is decided is derived here.
import { type PairedDifference, pairedDifference } from "../../cam/measures/statistics.ts";
import { corruption } from "../../corruptions/index.ts";
import type { Verdict } from "../claim.ts";
import { meanOf, SIGNIFICANT, UNMEASURED } from "../claims-section.ts";
import { trainingPairs } from "../paired-trainings.ts";
import type { PreLayerNormTraining } from "./trainings.ts";

/** Of what is lost under a corruption, mean over its severities: first − second, 0 to 1. */
export interface CorruptionDifference extends PairedDifference {
  readonly id: string;
  /** Of the nineteen. */
  readonly isImageNetC: boolean;
}

export const lostUnder =
  (id: string) =>
  ({ clean, corruptions }: PreLayerNormTraining): number | null => {
    const own = corruptions.find((given) => given.id === id);
    return own === undefined || clean === null ? null : clean - meanOf(own.accuracies);
  };

/** Those that were run, in their order. */
export const corruptionIds = (trainings: readonly PreLayerNormTraining[]): string[] =>
  (trainings.find(({ corruptions }) => corruptions.length > 0)?.corruptions ?? []).map(({ id }) => id);

/** A sign-flip test a corruption. */
export const corruptionDifferences = (
  first: readonly PreLayerNormTraining[],
  second: readonly PreLayerNormTraining[],
  seed: number,
): CorruptionDifference[] =>
  corruptionIds([...first, ...second]).map((id) => {
    const pairs = trainingPairs(first, second, lostUnder(id));
    const difference = pairedDifference(
      pairs.map(([own]) => own),
      pairs.map(([, other]) => other),
      { seed },
    );
    return { id, isImageNetC: corruption(id).imagenetC !== undefined, ...difference };
  });

/** Of ImageNet-C's: those under which the first loses more, or less, than chance explains. */
export function standings(differences: readonly CorruptionDifference[]) {
  const counted = differences.filter(({ isImageNetC, count }) => isImageNetC && count > 0);
  const told = counted.filter(({ p }) => p !== undefined && p < SIGNIFICANT);
  const idsOf = (isSo: (mean: number) => boolean) =>
    told.filter(({ mean }) => isSo(mean ?? 0)).map(({ id }) => id);
  return { more: idsOf((mean) => mean > 0), less: idsOf((mean) => mean < 0), all: counted.length };
}

/** Whether the first is as robust as the second or more under most: equality cannot be tested, so that a majority must be told apart. */
export function mostVerdict({ more, less, all }: ReturnType<typeof standings>): Verdict {
  if (all === 0) return UNMEASURED;
  if (2 * more.length > all) return "does not hold";
  return 2 * less.length > all ? "holds" : "undecided";
}
