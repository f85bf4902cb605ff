// R as it grows: sums over batches in double precision, and how far their mean still is from that of all such pictures.
// The error is estimated from how much batches differ; derived here.
import type { FieldMap } from "./field-map.ts";

/** How well R is known after some pictures. */
export interface Convergence {
  /** Pictures so far. */
  readonly n: number;
  /**
   * Standard error of R over its length, √(σ²/n) / ‖R‖ in L2 over all pixels: about the relative change that as many pictures
   * again would make. Undefined before the second batch.
   */
  readonly relativeError: number | undefined;
}

/** A sum under way; plain data, so that it can be written and gone on from. */
export interface FieldSum {
  readonly name: string;
  readonly dims: readonly [number, number];
  /** Σ of the pictures' contributions. */
  readonly values: Float64Array;
  n: number;
  batches: number;
  /** Σ over batches of ‖batch's sum‖² / batch's pictures. */
  squares: number;
  readonly curve: Convergence[];
}

export const emptySum = (name: string, dims: readonly [number, number]): FieldSum => ({
  name,
  dims,
  values: new Float64Array(dims[0] * dims[1]),
  n: 0,
  batches: 0,
  squares: 0,
  curve: [],
});

/** Adds what a batch of `count` pictures contributed. */
export function addBatch(sum: FieldSum, batch: ArrayLike<number>, count: number): void {
  let square = 0;
  for (let i = 0; i < sum.values.length; i++) {
    const v = batch[i] as number;
    sum.values[i] = (sum.values[i] as number) + v;
    square += v * v;
  }
  sum.n += count;
  sum.batches++;
  sum.squares += square / count;
  sum.curve.push({ n: sum.n, relativeError: relativeError(sum) });
}

/**
 * With G_b the sum of a batch of n_b pictures, E(Σ‖G_b‖²/n_b − ‖ΣG_b‖²/n) = (B − 1)·σ², σ² being the pictures' variance
 * summed over all pixels, whatever the batches' sizes.
 */
function relativeError({ values, n, batches, squares }: FieldSum): number | undefined {
  if (batches < 2) return undefined;
  const total = values.reduce((sum, v) => sum + v * v, 0);
  const variance = Math.max(0, squares - total / n) / (batches - 1);
  return total === 0 ? undefined : Math.sqrt(variance * n) / Math.sqrt(total);
}

/** R: the mean over the pictures. */
export const fieldMapOf = ({ values, dims, n }: FieldSum): FieldMap => ({
  values: values.map((v) => v / n),
  dims,
  n,
});
