// What an augmentation is: a pure function of a picture and a stream of draws, made from the values behind its id.
// Derived here. Streams belong to a picture and an epoch, so that batches, threads and order change nothing.
import type { Pixels } from "../../corruptions/corruption.ts";
import type { RandomStream } from "../../random.ts";

/**
 * The picture as it is seen this time, of the same size. The one that is given is never written to, and comes back itself where
 * it is not altered.
 */
export type Augment = (pixels: Pixels, random: RandomStream) => Pixels;

/** An augmentation with its values still open: how it is written, and what it makes of them. */
export interface AugmentationKind {
  /** As it is asked for. */
  readonly id: string;
  /** What it does to a picture, in one sentence. */
  readonly summary: string;
  /** How it is written, such as `crop=<pixels>[:zero|reflect]`. */
  readonly usage: string;
  /**
   * @param values what stands behind `=`, at its colons; empty without one
   * @param side the shorter one of the pictures, where it is known
   * @throws UsageError `bad-augmentation` for values that it does not take, such as a crop that leaves nothing of a picture
   */
  bind(values: readonly string[], side?: number): Augment;
}
