// Whether a model's confidence is the share of images that it gets right: expected calibration error over fifteen equally wide bins
// (Guo et al., ICML 2017, arXiv:1706.04599), and the bins themselves for a reliability diagram.
import type { ClassColumns } from "../observation-columns.ts";

export interface ReliabilityBin {
  /** Outcomes whose confidence lies in the bin. */
  readonly n: number;
  /** Their mean confidence, 0 to 1; null without outcomes. */
  readonly confidence: number | null;
  /** Share of them that is right, 0 to 1. */
  readonly accuracy: number | null;
}

export interface Calibration {
  /** Labelled outcomes. */
  readonly n: number;
  /** Mean distance between confidence and accuracy, 0 to 1; null without outcomes. */
  readonly ece: number | null;
  /**
   * What the error of as many outcomes with these confidences would be, on the average, were every confidence right. The error
   * is never below zero, so that few outcomes show one where there is none: it says something where it exceeds this.
   */
  readonly eceByChance: number | null;
  /** Bins (k/15, (k+1)/15], the lowest first. */
  readonly bins: readonly ReliabilityBin[];
}

const BINS = 15;

/** Of all labelled outcomes of several conditions together. */
export function calibrationOf(conditions: readonly ClassColumns[]): Calibration {
  const [counts, confidences, rights, variances] = Array.from(
    { length: 4 },
    () => new Float64Array(BINS),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (const { predicted, confidence, rank } of conditions)
    for (let image = 0; image < rank.length; image++) {
      if ((predicted[image] as number) < 0 || (rank[image] as number) < 0) continue;
      const p = confidence[image] as number;
      const bin = Math.max(0, Math.ceil(p * BINS) - 1);
      (counts[bin] as number) += 1;
      (confidences[bin] as number) += p;
      (variances[bin] as number) += p * (1 - p);
      if (rank[image] === 0) (rights[bin] as number) += 1;
    }
  const n = counts.reduce((sum, v) => sum + v, 0);
  const gaps = confidences.map((c, bin) => Math.abs(c - (rights[bin] as number)));
  // A bin's sum of outcomes is near normal, and a normal number's mean size is sqrt(2/pi) of its deviation.
  const chance = variances.map((v) => Math.sqrt((2 / Math.PI) * v));
  const bins = Array.from(counts, (count, bin) => ({
    n: count,
    confidence: count === 0 ? null : (confidences[bin] as number) / count,
    accuracy: count === 0 ? null : (rights[bin] as number) / count,
  }));
  const share = (sums: Float64Array) => (n === 0 ? null : sums.reduce((sum, v) => sum + v, 0) / n);
  return { n, ece: share(gaps), eceByChance: share(chance), bins };
}
