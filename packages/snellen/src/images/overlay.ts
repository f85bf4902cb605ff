// Heat maps as pictures: a colour-blind safe, perceptually even colour map laid over the picture that the network saw.
import type { Grid } from "../cam/cam-map.ts";

/** RGB pixels, row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Anchors of a dark-blue to yellow ramp of even lightness steps (CIVIDIS-like, distinguishable without red-green vision). */
const ANCHORS: readonly (readonly [number, number, number])[] = [
  [0, 34, 78],
  [40, 60, 108],
  [88, 91, 112],
  [122, 121, 119],
  [163, 152, 108],
  [208, 186, 86],
  [254, 232, 56],
];

/** Colour of a share from 0 to 1. */
export function heatColor(share: number): [number, number, number] {
  const at = Math.min(Math.max(share, 0), 1) * (ANCHORS.length - 1);
  const i = Math.min(Math.floor(at), ANCHORS.length - 2);
  const [low, high] = [ANCHORS[i], ANCHORS[i + 1]] as [readonly number[], readonly number[]];
  const mix = (c: number) =>
    Math.round((low[c] as number) + ((high[c] as number) - (low[c] as number)) * (at - i));
  return [mix(0), mix(1), mix(2)];
}

/**
 * Blends a map over a picture of the same size. The scale runs from 0 to the map's maximum: negative evidence is not
 * shown, and an all-zero map leaves the picture dark. Opacity rises with the value, so that what does not matter stays visible.
 * @param map [H, W]; @param opacity of the strongest value, 0 to 1
 */
export function overlay(picture: Picture, map: Grid, opacity = 0.75): Picture {
  const highest = map.values.reduce((a, v) => Math.max(a, v), 0);
  const data = new Uint8Array(picture.data.length);
  for (let i = 0; i < map.values.length; i++) {
    const share = highest > 0 ? Math.max(0, map.values[i] as number) / highest : 0;
    const color = heatColor(share);
    const alpha = opacity * (BASE_ALPHA + (1 - BASE_ALPHA) * share);
    for (let c = 0; c < 3; c++) {
      data[3 * i + c] = Math.round(
        (1 - alpha) * (picture.data[3 * i + c] as number) + alpha * (color[c] as number),
      );
    }
  }
  return { width: picture.width, height: picture.height, data };
}

/** Share of the opacity that a value of zero gets: a dark veil, against which the map stands out. */
const BASE_ALPHA = 0.55;

/** Pictures of one height side by side. */
export function sideBySide(pictures: readonly Picture[], gap = 4): Picture {
  const height = Math.max(...pictures.map((p) => p.height));
  const width = pictures.reduce((n, p) => n + p.width, 0) + gap * (pictures.length - 1);
  const data = new Uint8Array(width * height * 3).fill(255);
  let left = 0;
  for (const p of pictures) {
    for (let y = 0; y < p.height; y++)
      data.set(p.data.subarray(3 * y * p.width, 3 * (y + 1) * p.width), 3 * (y * width + left));
    left += p.width + gap;
  }
  return { width, height, data };
}
