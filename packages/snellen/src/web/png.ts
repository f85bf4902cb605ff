// RGB pixels as a PNG file, by the browser's own encoder.
import { ImageError } from "@snellen/graph";
import type { Picture } from "../images/overlay.ts";

/**
 * A picture as the bytes of a PNG file, by the browser's own encoder.
 * @throws ImageError `no-canvas`
 */
export async function encodePng({ width, height, data }: Picture): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) throw new ImageError("no-canvas", "the browser gave no canvas.");
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    pixels.data.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    pixels.data[4 * i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
}
