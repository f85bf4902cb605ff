// Masks of objects from image files: one byte a pixel.
import { type MaskImage, maskOfPixels } from "../cam/objects.ts";
import { decodeImage, hasPalette } from "./images-decode.ts";

/** Reads a mask: a grey's own value, of colours the first part that is not 0. @throws what `decodeImage` throws */
export const readMask = async (path: string): Promise<MaskImage> =>
  maskOfPixels(await decodeImage(path, path), await hasPalette(path));
