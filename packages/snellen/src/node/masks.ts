// Masks of objects from image files: one byte a pixel.
import type { MaskImage } from "../cam/objects.ts";
import { decodeImage, hasPalette } from "./images-decode.ts";

/** Reads a mask: a grey's own value, of colours the first part that is not 0. @throws what `decodeImage` throws */
export async function readMask(path: string): Promise<MaskImage> {
  const { width, height, data } = await decodeImage(path, path);
  return {
    width,
    height,
    isPalette: await hasPalette(path),
    data: Uint8Array.from(
      { length: width * height },
      (_, i) => data[3 * i] || data[3 * i + 1] || (data[3 * i + 2] as number),
    ),
  };
}
