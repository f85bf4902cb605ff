// What a training reads: labelled pictures by index, and batches of them as the network takes them.
// The loop asks for batches by index, so that order, augmentation and resuming depend on seed and step alone.
import type { Image } from "../images/image.ts";

/** Labelled pictures, by index. */
export interface LabelledPictures {
  /** As messages and pages name it. */
  readonly name: string;
  /** Class names; a class index is below their number. */
  readonly labels: readonly string[];
  readonly count: number;
  /** Tells these pictures from all others: a checkpoint goes on only with the same. */
  readonly version: string;
  classOf(index: number): number;
  /** RGB bytes of any size. @throws ImageError where it cannot be read */
  read(index: number): Promise<Image>;
}

/** Some pictures as the network takes them. */
export interface Batch {
  /** [N, C, H, W] or [N, H, W, C], as the model's preprocessing lays them out. */
  readonly values: Float32Array;
  readonly dims: readonly number[];
  /** Class of each, [N]. */
  readonly classes: Int32Array;
  /** Pictures that could not be read, whose places others of the batch take. */
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
}

/** Makes batches; dispose of it, as it may hold threads. */
export interface BatchSource extends AsyncDisposable {
  readonly pictures: Pick<LabelledPictures, "name" | "labels" | "count" | "version" | "classOf">;
  /** Batches worth asking for at once; 1 where they are made on the calling thread. */
  readonly width: number;
  /**
   * @param indices of the pictures
   * @param epoch from 0; with the source's seed and the picture's index it decides the augmentation; undefined for none
   * @throws ImageError where none of them can be read
   */
  batch(indices: readonly number[], epoch: number | undefined, signal?: AbortSignal): Promise<Batch>;
}
