// Pictures in memory as records of one length: what IDX and CIFAR files hold. Nothing is unpacked before it is asked for.
// Derived here; the formats are those of `datasets/formats`.
import type { PictureShape, TrainingPictures } from "./training-pictures.ts";

export interface RecordRecipe {
  readonly kind: "records";
  readonly name: string;
  readonly labels: readonly string[];
  readonly version: string;
  readonly shape: PictureShape;
  /** How a record's three channels lie: pixel by pixel, or red, green and blue one after another. */
  readonly order: "pixels" | "planes";
  /** Whole records each, in the order of the pictures. */
  readonly parts: readonly Uint8Array[];
  readonly recordBytes: number;
  /** Where the pixels begin in a record. */
  readonly pixelOffset: number;
  /** Class of each picture. */
  readonly classes: Uint8Array;
}

export function openRecords(recipe: RecordRecipe): TrainingPictures {
  const { name, labels, version, shape, classes } = recipe;
  const { width, height } = shape;
  return {
    name,
    labels,
    version,
    shape,
    recipe,
    count: classes.length,
    classOf: (index) => classes[index]!,
    read: async (index) => ({ width, height, data: rgbOf(recipe, index), source: `${name}[${index}]` }),
  };
}

/** RGB bytes of a picture. */
function rgbOf(recipe: RecordRecipe, index: number): Uint8Array {
  const { part, start } = recordAt(recipe, index);
  const { width, height, channels } = recipe.shape;
  const area = width * height;
  if (channels === 3 && recipe.order === "pixels") return part.slice(start, start + 3 * area);
  const plane = channels === 1 ? 0 : area;
  const out = new Uint8Array(3 * area);
  for (let i = 0, o = 0; i < area; i++, o += 3) {
    out[o] = part[start + i]!;
    out[o + 1] = part[start + plane + i]!;
    out[o + 2] = part[start + 2 * plane + i]!;
  }
  return out;
}

function recordAt(
  { parts, recordBytes, pixelOffset }: RecordRecipe,
  index: number,
): { part: Uint8Array; start: number } {
  let start = index * recordBytes;
  for (const part of parts) {
    if (start < part.length) return { part, start: start + pixelOffset };
    start -= part.length;
  }
  throw new RangeError(`there is no picture ${index}`);
}
