// Width and height from the first bytes of an image file, so that a picture can be refused before anybody decodes it.
// Sources: PNG 3 §11.2.2, GIF89a §18, RFC 9649 (WebP), ISO/IEC 10918-1 §B.2.2 (JPEG), ISO/IEC 23008-12 §6.5.3 (AVIF).

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Bytes that hold the size of nearly every file, large EXIF and colour profiles included. */
export const imageSizeBytes = 1 << 20;

const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));

function startsWith(view: DataView, at: number, bytes: readonly number[]): boolean {
  return view.byteLength >= at + bytes.length && bytes.every((byte, i) => view.getUint8(at + i) === byte);
}

const uint24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) | (view.getUint8(at + 2) << 16);

/** The three kinds of WebP keep the size in three ways. */
function webpSize(view: DataView): ImageSize | undefined {
  if (startsWith(view, 12, ascii("VP8X")))
    return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
  if (startsWith(view, 12, ascii("VP8L"))) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** Frame headers; C4, C8 and CC lie between them but are tables. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function jpegSize(view: DataView): ImageSize | undefined {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (isFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // A second FF only fills; every other marker in front of the frame has a length.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** The largest of the `ispe` properties: a file may hold thumbnails and tiles beside the picture. */
function avifSize(view: DataView): ImageSize | undefined {
  let largest: ImageSize | undefined;
  for (let at = 0; at + 20 <= view.byteLength; at++) {
    if (!startsWith(view, at, ascii("ispe"))) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}

const KINDS: readonly { at: number; magic: number[]; size: (view: DataView) => ImageSize | undefined }[] = [
  {
    at: 0,
    magic: [0x89, ...ascii("PNG")],
    size: (v) => ({ width: v.getUint32(16), height: v.getUint32(20) }),
  },
  {
    at: 0,
    magic: ascii("GIF8"),
    size: (v) => ({ width: v.getUint16(6, true), height: v.getUint16(8, true) }),
  },
  { at: 0, magic: [0xff, 0xd8], size: jpegSize },
  { at: 8, magic: ascii("WEBP"), size: webpSize },
  { at: 4, magic: ascii("ftyp"), size: avifSize },
];

/** Stored size of a picture (before EXIF turns it), or undefined where `start` does not show it. */
export function imageSize(start: Uint8Array): ImageSize | undefined {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const kind = KINDS.find(({ at, magic }) => startsWith(view, at, magic));
  try {
    return kind?.size(view);
  } catch (error) {
    // The file ends before its size; whoever decodes it will say so better.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
