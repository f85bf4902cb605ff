// Fitted pictures that stay in memory after their first use, where the whole set takes little: decoding, drawing and resizing
// are then paid once. Threads share them, as every one writes the same bytes. Derived here.
import { channelCount, type PreprocessSpec } from "../images/preprocess-spec.ts";

/** Sets that take more are fitted anew whenever they are used. */
const MOST_KEPT_BYTES = 2 ** 30;

export interface KeptPictures {
  /** Picture after picture as the network's preprocessing fits them, 3 bytes a pixel, or 1 where it takes grey. */
  readonly bytes: Uint8Array;
  /** 1 where a picture's bytes are there. */
  readonly isKept: Int32Array;
}

/** Bytes that a fitted picture takes. */
export const fittedBytes = ({ size: [height, width], channels }: PreprocessSpec): number =>
  height * width * channelCount(channels);

/**
 * Room for all pictures of a set; undefined where they take more than 1 GiB, or the memory is not there.
 * @param allocate zeroed memory; shared memory where threads are to share
 */
export function roomForPictures(
  count: number,
  spec: PreprocessSpec,
  allocate: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): KeptPictures | undefined {
  const total = count * fittedBytes(spec);
  if (total > MOST_KEPT_BYTES) return undefined;
  try {
    return { bytes: new Uint8Array(allocate(total)), isKept: new Int32Array(allocate(4 * count)) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
