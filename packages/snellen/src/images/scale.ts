// What full colour stands for. By default a fixed multiple of the even share of the score, so that pictures of different images
// and methods compare; a map that would stay dim is lifted to its maximum, and the caption says by how much.

import type { CamMap } from "../cam/cam-map.ts";
import { findById } from "../find-by-id.ts";

/** Two significant digits. */
const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** What of a heat map says what its values mean; of one made by the pixel, the cells are the pixels. */
export type ScaledMap = Pick<CamMap, "map" | "cells" | "unit" | "score" | "conservative">;

/** The values that colours span in one map, with words for its caption. */
export interface ScaleRange {
  /** Value of the lowest colour. */
  readonly low: number;
  /** Value of full colour; equal to `low` where the map has nothing to show. */
  readonly high: number;
  /** What full colour stands for, in words. */
  readonly caption: string;
  /** That the map holds next to nothing of the score, in words. */
  readonly dark?: string;
}

/** A rule for what full colour stands for. */
export interface Scale {
  readonly id: string;
  /** One sentence: what full colour stands for. */
  readonly summary: string;
  /** @param signed the range is symmetric around 0, else negative values are below it (but for `minmax`) */
  readonly range: (map: ScaledMap, signed: boolean) => ScaleRange;
}

/** Full colour of the conservative scale, in even shares of the score: an object on an eighth of the image, evenly lit. */
const FULL_COLOUR = 4;

/** Share of full colour below which a picture is lifted, so that its shape can be seen. */
const DIM = 0.5;

/** Share of full colour below which the map says next to nothing of the score. */
const DARK = 0.1;

const DARK_MAP = `nothing reaches ${percent(DARK)} of the usual full colour: the map holds little of the score`;

export const conservative: Scale = {
  id: "conservative",
  summary:
    "4 times the even share of the score, less (and told) where a map stays below half of that; maps in a scale of their own: their maximum.",
  range(scaled, signed) {
    const { map, unit, score, cells } = scaled;
    if (unit === "own") return upToMax(scaled, signed, "own scale");
    // Gaussian upsampling keeps the cells' sum, so a pixel holds a pixel's share; the others keep their magnitude
    const byPixel = scaled.conservative || cells.values.length === map.values.length;
    const places = (byPixel ? map : cells).values.length;
    const high = (FULL_COLOUR * Math.abs(score)) / places;
    if (!(high > 0 && high < Number.POSITIVE_INFINITY))
      return upToMax(scaled, signed, `the score is ${number(score)}`);
    const { highest, above } = extent(map.values, signed, high);
    if (highest === 0) return upToMax(scaled, signed, "");
    const place = byPixel ? "pixel" : "cell";
    const caption = (top: number, how: string) =>
      `full colour = ${signed ? "±" : ""}${percent(top / Math.abs(score))} of the score per ${place}${how}`;
    if (highest < DIM * high) {
      return {
        low: signed ? -highest : 0,
        high: highest,
        caption: caption(highest, `, lifted ${number(Number((high / highest).toPrecision(2)))} times`),
        ...(highest < DARK * high && { dark: DARK_MAP }),
      };
    }
    const clipped = above > 0 ? `, ${percent(above / map.values.length)} of the map above` : "";
    return { low: signed ? -high : 0, high, caption: caption(high, clipped) };
  },
};

const max: Scale = {
  id: "max",
  summary: "0 to the map's maximum.",
  range: (scaled, signed) => upToMax(scaled, signed, "own scale"),
};

const minmax: Scale = {
  id: "minmax",
  summary: "Minimum to maximum, stretched: the weakest map looks like the strongest.",
  range(scaled, signed) {
    if (signed) return upToMax(scaled, signed, "own scale");
    const { lowest: low, highestValue: high } = extent(scaled.map.values, false);
    return {
      low,
      high,
      caption:
        low === high
          ? `${number(low)} everywhere`
          : `min-max stretched, ${number(low)} to ${number(high)} (own scale)`,
    };
  },
};

/** All scales. */
export const scales: readonly Scale[] = [conservative, max, minmax];

/**
 * The scale of an id.
 * @throws UsageError `unknown-scale` with the nearest known id
 */
export const scale = (id: string): Scale =>
  findById(scales, id, { code: "unknown-scale", what: "scale", flag: "--scale" });

function upToMax({ map }: ScaledMap, signed: boolean, why: string): ScaleRange {
  const { highest: high } = extent(map.values, signed);
  if (high === 0)
    return { low: 0, high: 0, caption: signed ? "the map is 0 everywhere" : "nothing above 0 in the map" };
  return signed
    ? { low: -high, high, caption: `0 to ±max ${number(high)} (${why})` }
    : { low: 0, high, caption: `0 to max ${number(high)} (${why})` };
}

interface Extent {
  readonly lowest: number;
  readonly highestValue: number;
  /** Greatest shown value: magnitude if signed, else value, at least 0. */
  readonly highest: number;
  /** How many shown values exceed the bound. */
  readonly above: number;
}

function extent(values: Float32Array, signed: boolean, bound = Number.POSITIVE_INFINITY): Extent {
  let [lowest, highestValue, highest, above] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const v of values) {
    const shown = signed ? Math.abs(v) : v;
    if (v < lowest) lowest = v;
    if (v > highestValue) highestValue = v;
    if (shown > highest) highest = shown;
    if (shown > bound) above++;
  }
  return { lowest, highestValue, highest, above };
}

/** Three significant digits, a true minus. */
const number = (value: number): string => String(Number(value.toPrecision(3))).replaceAll("-", "−");
