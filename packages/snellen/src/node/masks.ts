// Masks of objects from image files: one byte a pixel.
import type { MaskImage } from "../cam/objects.ts";
import { decodeImage } from "./images-decode.ts";

/** Reads a grey, palette or colour mask; of colours the red part counts. @throws what `decodeImage` throws */
export async function readMask(path: string): Promise<MaskImage> {
  const { width, height, data } = await decodeImage(path, path);
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => data[3 * i] as number),
  };
}
