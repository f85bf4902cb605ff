// Random crop: the picture is padded on all sides, and a piece of its own size cut out at a drawn place.
// As in ResNet's CIFAR recipe (He et al., arXiv:1512.03385) and torchvision's `RandomCrop(padding=n)`.
import type { Pixels } from "../../corruptions/corruption.ts";
import { borderIndex } from "../../corruptions/parts/borders.ts";
import type { AugmentationKind } from "./augmentation.ts";
import { choiceValue, MOST_PIXELS, numberValue, requireAtMost } from "./values.ts";

const USAGE = "crop=<pixels>[:zero|reflect]";

const pads = ["zero", "reflect"] as const;
export type Pad = (typeof pads)[number];

export const crop: AugmentationKind = {
  id: "crop",
  summary: "pads every side with so many pixels, black or mirrored, and cuts the picture's size out of it",
  usage: USAGE,
  bind(values, side = MOST_PIXELS + 1) {
    requireAtMost(values, 2, USAGE);
    const to = Math.min(MOST_PIXELS, side - 1);
    const most = numberValue(values[0], USAGE, { from: 0, to, whole: true });
    const pad = choiceValue(values[1], USAGE, pads);
    return (pixels, random) => {
      const dx = random.integer(-most, most);
      const dy = random.integer(-most, most);
      return shifted(pixels, dx, dy, pad);
    };
  },
};

/** The picture whose pixel (x, y) is pixel (x + dx, y + dy) of the given one. */
export function shifted(pixels: Pixels, dx: number, dy: number, pad: Pad): Pixels {
  if (dx === 0 && dy === 0) return pixels;
  const { width, height, data } = pixels;
  const out = new Uint8Array(data.length);
  // One move of all bytes; the neighbouring rows' pixels that come into view are where the padding is.
  const shift = 3 * (dy * width + dx);
  if (Math.abs(shift) < data.length)
    out.set(data.subarray(Math.max(0, shift), data.length + Math.min(0, shift)), Math.max(0, -shift));
  for (let y = 0; y < height; y++) padRow[pad](pixels, out, dx, dy, y);
  return { width, height, data: out };
}

/** Writes the pixels of a row that lie outside of the picture. */
type PadRow = (pixels: Pixels, out: Uint8Array, dx: number, dy: number, y: number) => void;

const padRow: Readonly<Record<Pad, PadRow>> = {
  zero({ width }, out, dx, _, y) {
    const row = 3 * y * width;
    const end = row + 3 * width;
    if (dx < 0) out.fill(0, row, Math.min(end, row - 3 * dx));
    if (dx > 0) out.fill(0, Math.max(row, end - 3 * dx), end);
  },
  /** A mirror image does not repeat the border, as torchvision's. */
  reflect({ width, height, data }, out, dx, dy, y) {
    const isInside = y + dy >= 0 && y + dy < height;
    const source = borderIndex("reflect101", y + dy, height) * width;
    for (let x = 0; x < width; x++) {
      if (isInside && x + dx >= 0 && x + dx < width) continue;
      const from = 3 * (source + borderIndex("reflect101", x + dx, width));
      const to = 3 * (y * width + x);
      for (let c = 0; c < 3; c++) out[to + c] = data[from + c]!;
    }
  },
};
