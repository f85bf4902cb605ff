// From pictures to the numbers of a batch's slots: fitted once, kept where there is room, augmented by seed, epoch and index.
// What is kept and not augmented is one look-up a number, and allocates nothing.
import type { Image } from "../images/image.ts";
import { fitImage, pixelWriter } from "../images/preprocess.ts";
import type { PreprocessSpec } from "../images/preprocess-spec.ts";
import { randomStream } from "../random.ts";
import { type Augmentation, noAugmentation } from "./augmentation/index.ts";
import { fittedBytes, type KeptPictures, roomForPictures } from "./kept-pictures.ts";

/** How pictures become batches: preprocessing, augmentation, and where fitted pictures are kept. */
export interface BatchOptions {
  /** How the network takes pictures; its numbers must be float32. */
  readonly spec: PreprocessSpec;
  /** Default none. */
  readonly augmentation?: Augmentation;
  /** A 32-bit integer that decides augmentations together with epoch and index; default 0. */
  readonly seed?: number;
  /** Where fitted pictures stay, null for nowhere; default memory of its own where the set takes at most 1 GiB. */
  readonly kept?: KeptPictures | null;
}

export interface SlotWriter {
  /** Writes a kept picture into the slot that begins at `at`; false where it is not kept. */
  writeKept(values: Float32Array, at: number, index: number, epoch: number | undefined): boolean;
  /** Fits a picture, keeps it where there is room, and writes it. */
  writeNew(values: Float32Array, at: number, index: number, epoch: number | undefined, image: Image): void;
}

/** Streams of other uses begin with other numbers. */
const STREAM = 6;

/** @param count pictures of the set */
export function createSlotWriter(count: number, options: BatchOptions): SlotWriter {
  const { spec, augmentation = noAugmentation, seed = 0 } = options;
  const { kept = roomForPictures(count, spec) ?? null } = options;
  const [height, width] = spec.size;
  const size = fittedBytes(spec);
  const isGrey = spec.channels === "gray";
  const writePlain = pixelWriter(spec, isGrey ? 1 : 3);
  const writeRgb = pixelWriter(spec);
  const isPlain = augmentation === noAugmentation;
  const write = (
    values: Float32Array,
    at: number,
    index: number,
    epoch: number | undefined,
    bytes: Uint8Array,
    from: number,
  ): void => {
    if (isPlain || epoch === undefined) {
      writePlain(bytes, from, values, at);
      return;
    }
    const fitted = bytes.subarray(from, from + size);
    const data = isGrey ? greyToRgb(fitted) : fitted;
    const seen = augmentation.apply({ width, height, data }, randomStream(STREAM, seed, epoch, index));
    writeRgb(seen.data, 0, values, at);
  };
  return {
    writeKept(values, at, index, epoch) {
      if (kept === null || Atomics.load(kept.isKept, index) === 0) return false;
      write(values, at, index, epoch, kept.bytes, index * size);
      return true;
    },
    writeNew(values, at, index, epoch, image) {
      const { data } = fitImage(image, spec);
      const fitted = isGrey ? rgbToGrey(data) : data;
      if (kept !== null) {
        kept.bytes.set(fitted, index * size);
        // other threads see the bytes before they see this
        Atomics.store(kept.isKept, index, 1);
      }
      write(values, at, index, epoch, fitted, 0);
    },
  };
}

/** One byte a pixel of a picture whose channels are equal. */
function rgbToGrey(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < grey.length; i++) grey[i] = rgb[3 * i]!;
  return grey;
}

/** Augmentations take RGB. */
function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * grey.length);
  for (let i = 0; i < grey.length; i++) rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = grey[i]!;
  return rgb;
}
