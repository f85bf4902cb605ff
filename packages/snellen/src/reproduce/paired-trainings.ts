// Trainings that differ in one thing, compared in pairs of one network and seed (sign-flip test: cam/measures/statistics.ts).
import { pairedDifference } from "../cam/measures/statistics.ts";
import type { Finding } from "./claim.ts";
import { differenceFinding, UNMEASURED } from "./claims-section.ts";

interface Training {
  readonly network: string;
  readonly seed: number;
}

/** A number of each training of `first` and of its partner in `second`, where both have it. */
export function trainingPairs<T extends Training>(
  first: readonly T[],
  second: readonly T[],
  measure: (training: T) => number | null | undefined,
): [first: number, second: number][] {
  return first.flatMap((a): [number, number][] => {
    const b = second.find(({ network, seed }) => network === a.network && seed === a.seed);
    const [own, other] = [measure(a), b && measure(b)];
    return own == null || other == null ? [] : [[own, other]];
  });
}

/** It holds where the first of the pairs are higher; "not measured yet" without pairs. */
export function higherFinding(
  subject: string,
  pairs: readonly (readonly [first: number, second: number])[],
  unit: string,
  seed: number,
): Finding {
  if (pairs.length === 0) return { subject, verdict: UNMEASURED, measured: "" };
  const lost = pairedDifference(
    pairs.map(([, second]) => second),
    pairs.map(([first]) => first),
    { seed },
  );
  return differenceFinding(subject, lost, `${unit} of the second less the first's`);
}

/** Pairs from which two-sided sign-flip tests can come below 0.05: 2 / 2⁶. */
const ENOUGH_PAIRS = 6;

/** A sentence for the page where no difference could have been told from chance. */
export const fewSeeds = (seeds: number): string[] =>
  seeds >= ENOUGH_PAIRS
    ? []
    : [`${seeds} pairs cannot give a p below ${2 ** (1 - seeds)}: every comparison stays undecided.`];
