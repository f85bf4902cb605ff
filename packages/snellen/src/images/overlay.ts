// Heat maps as pictures: a colour map laid over the picture that the network saw, with lines of equal value on request.
import { InternalError } from "@snellen/graph";
import type { Grid } from "../cam/cam-map.ts";
import { inGrey } from "./canvas.ts";
import { type ColorMap, cividis, colorAt, sunset } from "./color-maps.ts";
import { drawContour } from "./contour.ts";

/** RGB pixels, row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** How a map is laid over a picture: colours, the range that they span, opacity and lines. */
export interface OverlayOptions {
  /** Default: cividis, for signed maps sunset. */
  readonly colorMap?: ColorMap;
  /** Of the strongest value, 0 to 1; default 0.75. */
  readonly opacity?: number;
  /** Value of the lowest colour; default 0, for signed maps −high. */
  readonly low?: number;
  /** Value of full colour; default the map's maximum, for signed maps that of its magnitude. */
  readonly high?: number;
  /** Shows negative values too: 0 is the colour map's middle. */
  readonly signed?: boolean;
  /** Takes the picture's own colours away first, so that every colour is the map's. */
  readonly grey?: boolean;
  /** Draws lines where the value (its magnitude, if signed) passes these shares of `high`, for instance 0.25, 0.5, 0.75. */
  readonly contour?: readonly number[];
}

/** Colour of a share from 0 to 1, on the default colour map. */
export const heatColor = (share: number, colors: ColorMap = cividis): [number, number, number] => [
  ...colorAt(colors, share),
];

/**
 * Blends a map over a picture of the same size. Values outside of low … high get the end's colour. Opacity rises with the
 * value (its magnitude, if signed), so that what does not matter stays visible under a veil.
 * @param map [H, W]
 * @throws InternalError where map and picture differ in size
 */
export function overlay(picture: Picture, map: Grid, options: OverlayOptions = {}): Picture {
  requireSameSize(picture, map);
  const { opacity = 0.75, signed = false, contour = [] } = options;
  const colors = options.colorMap ?? (signed ? sunset : cividis);
  const high = options.high ?? strongest(map, signed);
  const low = options.low ?? (signed ? -high : 0);
  const veil = signed ? SIGNED_VEIL : VEIL;
  const below = options.grey === true ? inGrey(picture) : picture;
  const data = new Uint8Array(picture.data.length);
  for (let i = 0; i < map.values.length; i++) {
    const share = shareOf(map.values[i] as number, low, high, signed);
    const color = colorAt(colors, share);
    const strength = signed ? Math.abs(2 * share - 1) : share;
    const alpha = opacity * (veil + (1 - veil) * strength);
    for (let c = 0; c < 3; c++) {
      data[3 * i + c] = Math.round(
        (1 - alpha) * (below.data[3 * i + c] as number) + alpha * (color[c] as number),
      );
    }
  }
  const out = { width: picture.width, height: picture.height, data };
  for (const level of contour) drawContour(out, map, level * high, signed);
  return out;
}

/** Share of the opacity that a value of zero gets: a dark veil, against which the map stands out. */
const VEIL = 0.55;

/** The same of a two-way colour map, whose middle is pale: less of it, or the picture drowns. */
const SIGNED_VEIL = 0.4;

/** Where a value lies between low and high, 0 to 1; zero's place where the two are equal. NaN counts as the least. */
function shareOf(value: number, low: number, high: number, signed: boolean): number {
  if (!(high > low)) return signed ? 0.5 : 0;
  const share = (value - low) / (high - low);
  return share > 0 ? Math.min(share, 1) : 0;
}

/** The highest value of a map, for signed ones of its magnitude; 0 where none is above it. */
export function strongest({ values }: Grid, signed: boolean): number {
  let highest = 0;
  for (const v of values) highest = Math.max(highest, signed ? Math.abs(v) : v);
  return highest;
}

/** @throws InternalError where map and picture differ in size */
export function requireSameSize({ width, height }: Picture, { dims: [rows, columns] }: Grid): void {
  if (rows === height && columns === width) return;
  throw new InternalError(`a map of ${rows}x${columns} for a picture of ${height}x${width} pixels.`, {
    hint: "Scale one to the other with scaleMap or scalePicture.",
  });
}

/** Between and below pictures: it stands off from light and from dark pages. */
const SEAM = 128;

/** Pictures side by side, with grey between them. */
export function sideBySide(pictures: readonly Picture[], gap = 4): Picture {
  const height = Math.max(...pictures.map((p) => p.height));
  const width = pictures.reduce((n, p) => n + p.width, 0) + gap * (pictures.length - 1);
  const data = new Uint8Array(width * height * 3).fill(SEAM);
  let left = 0;
  for (const p of pictures) {
    for (let y = 0; y < p.height; y++)
      data.set(p.data.subarray(3 * y * p.width, 3 * (y + 1) * p.width), 3 * (y * width + left));
    left += p.width + gap;
  }
  return { width, height, data };
}
