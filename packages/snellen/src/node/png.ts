// Encodes pictures as PNG files.
import type { Picture } from "../images/overlay.ts";

/** RGB pixels as a PNG file. */
export const encodePng = (picture: Picture): Promise<Uint8Array> => encode(picture, 3);

/** One grey byte a pixel (masks) as a PNG file. */
export const encodeGrayPng = (picture: Picture): Promise<Uint8Array> => encode(picture, 1);

async function encode({ width, height, data }: Picture, channels: 1 | 3): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const picture = sharp(data, { raw: { width, height, channels } });
  return (channels === 1 ? picture.toColorspace("b-w") : picture).png().toBuffer();
}
