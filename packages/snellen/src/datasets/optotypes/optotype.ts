// Optotypes: a labelled image set drawn from a seed, one Sloan letter on a textured background per image,
// with the exact mask and box of the letter, so that a heat map's place can be judged and not only looked at.

import { UsageError } from "@snellen/graph";
import { type RandomStream, randomStream } from "../../random.ts";
import { drawBackground } from "./background.ts";
import { type Color, colorOfLuminance, luminanceAt, michelsonContrast } from "./color.ts";
import { coverageBox, drawCoverage, type PixelBox, type Placement } from "./coverage.ts";
import { gridSize, type OptotypeLabel, optotypeLabels, sloanLetters } from "./sloan-letters.ts";
import type { TextureId } from "./textures.ts";

/** What every sample keeps to. */
export const optotypeLimits = {
  /** Smallest width and height of an image in pixels. */
  size: 32,
  /** Height of the upright letter as a share of the image's. */
  heightShare: [0.34, 0.68],
  /** Largest turn either way in degrees; an N becomes a Z only near 90. */
  rotation: 30,
  /** Smallest Michelson contrast between the letter and the background beside it. */
  contrast: 0.25,
} as const;

/** One image with everything that is known about it. */
export interface Optotype {
  readonly seed: number;
  readonly index: number;
  readonly label: OptotypeLabel;
  /** Position of `label` in `optotypeLabels`. */
  readonly classIndex: number;
  /** RGB bytes, row by row, three per pixel. */
  readonly image: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** Share of each pixel that the letter covers, as `round(255 · share)`; one byte per pixel. */
  readonly mask: Uint8Array;
  /** The smallest box with every pixel that the letter touches. */
  readonly box: PixelBox;
  /** Centre and height of the letter in pixels, its rotation clockwise in degrees. */
  readonly placement: Placement;
  /** Michelson contrast of mean luminances, letter against the pixels within one stroke of its box. */
  readonly contrast: number;
  readonly polarity: Polarity;
  readonly texture: TextureId;
}

/** Whether the letter is darker or lighter than what surrounds it. */
export type Polarity = "dark" | "light";

// Grain has a stream of its own: its draws depend on the size, and the scene must not.
const streams = { scene: 0, grain: 1, order: 2 } as const;

/**
 * Draws sample `index` of the endless set that `seed` names. The same arguments give the same bytes; another
 * `size` shows the same scene at another resolution, with other grain. Classes are balanced: in each ten samples from a multiple
 * of ten on, every letter occurs once.
 *
 * `seed` is any 32-bit integer, `index` 0, 1, 2, …, `size` width and height in pixels, at least 32 (default 64).
 *
 * @throws UsageError `bad-optotype` when an argument is out of its range
 */
export function makeOptotype({ seed, index, size = 64 }: OptotypeRequest): Optotype {
  checkRequest(seed, index, size);
  const classIndex = optotypeClass(seed, index);
  const label = optotypeLabels[classIndex]!;
  const random = randomStream(streams.scene, seed, index);
  const placement = drawPlacement(random, size);
  const mask = drawCoverage(sloanLetters[label], placement, size);
  const box = coverageBox(mask, size);
  const { data, texture } = drawBackground(random, randomStream(streams.grain, seed, index), size);
  const nearby = surroundings(mask, box, Math.ceil(placement.height / gridSize), size);
  const ink = drawInk(random, luminanceStatistics(data, nearby));
  paint(data, mask, ink);
  const letter = luminanceStatistics(data, pixelsOf(mask, 255)).mean;
  const ground = luminanceStatistics(data, nearby).mean;
  return {
    seed,
    index,
    label,
    classIndex,
    image: { width: size, height: size, data },
    mask,
    box,
    placement,
    contrast: michelsonContrast(letter, ground),
    polarity: letter < ground ? "dark" : "light",
    texture,
  };
}

export interface OptotypeRequest {
  readonly seed: number;
  readonly index: number;
  readonly size?: number;
}

/**
 * Samples `start` … `start + count - 1` of the set that `seed` names, one at a time.
 *
 * @throws UsageError `bad-optotype` as `makeOptotype` does
 */
export function* optotypes(options: {
  readonly seed: number;
  readonly count: number;
  readonly start?: number;
  readonly size?: number;
}): Generator<Optotype, void, undefined> {
  const { seed, count, start = 0, size } = options;
  for (let index = start; index < start + count; index++) yield makeOptotype({ seed, index, size });
}

function checkRequest(seed: number, index: number, size: number): void {
  const faults: [boolean, string][] = [
    [!Number.isInteger(seed) || (seed | 0) !== seed, `seed ${seed} is not a 32-bit integer.`],
    [!Number.isInteger(index) || index < 0 || index >= 2 ** 31, `index ${index} is not in 0 … 2³¹ - 1.`],
    [
      !Number.isInteger(size) || size < optotypeLimits.size,
      `size ${size} is not a whole number from ${optotypeLimits.size} on.`,
    ],
  ];
  for (const [isFault, what] of faults) {
    if (isFault) throw new UsageError("bad-optotype", what, { where: "optotypes" });
  }
}

/** Class of a sample, without drawing it: each block of ten holds the letters in an order of its own. */
export function optotypeClass(seed: number, index: number): number {
  const classes = optotypeLabels.length;
  const block = Math.floor(index / classes);
  return randomStream(streams.order, seed, block).permutation(classes)[index % classes]!;
}

function drawPlacement(random: RandomStream, size: number): Placement {
  const height = size * random.uniform(...optotypeLimits.heightShare);
  const rotation = random.uniform(-optotypeLimits.rotation, optotypeLimits.rotation);
  const angle = (Math.abs(rotation) * Math.PI) / 180;
  const halfExtent = (height / 2) * (Math.cos(angle) + Math.sin(angle));
  return {
    centerX: random.uniform(halfExtent, size - halfExtent),
    centerY: random.uniform(halfExtent, size - halfExtent),
    height,
    rotation,
  };
}

// The background within one stroke of the letter's box.
function surroundings(mask: Uint8Array, box: PixelBox, stroke: number, size: number): number[] {
  const pixels: number[] = [];
  for (let row = Math.max(0, box.y - stroke); row < Math.min(size, box.y + box.height + stroke); row++) {
    for (let col = Math.max(0, box.x - stroke); col < Math.min(size, box.x + box.width + stroke); col++) {
      if (mask[row * size + col] === 0) pixels.push(row * size + col);
    }
  }
  return pixels;
}

function pixelsOf(mask: Uint8Array, value: number): number[] {
  const pixels: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] === value) pixels.push(i);
  return pixels;
}

interface Statistics {
  readonly mean: number;
  readonly deviation: number;
}

function luminanceStatistics(rgb: Uint8Array, pixels: readonly number[]): Statistics {
  let sum = 0;
  let squares = 0;
  for (const pixel of pixels) {
    const luminance = luminanceAt(rgb, 3 * pixel);
    sum += luminance;
    squares += luminance ** 2;
  }
  const mean = sum / pixels.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / pixels.length - mean ** 2)) };
}

// Rounding to bytes and grain move the contrast by a little, so that inks start above the floor.
const inkContrast = { low: optotypeLimits.contrast + 0.05, high: 0.9 };
// A letter must also stand out from the texture: by this many of its standard deviations.
const standOut = 1.5;

/** Draws the letter's colour: polarity and contrast within what the background's luminance permits. */
function drawInk(random: RandomStream, ground: Statistics): Color {
  const step = standOut * ground.deviation;
  const lowest = (difference: number, sign: number) =>
    Math.min(inkContrast.high, Math.max(inkContrast.low, difference / (2 * ground.mean + sign * difference)));
  const ranges = [
    { sign: -1, low: lowest(Math.min(step, ground.mean), -1), high: inkContrast.high },
    {
      sign: 1,
      low: lowest(step, 1),
      high: Math.min(inkContrast.high, (1 - ground.mean) / (1 + ground.mean)),
    },
  ].filter(({ low, high }) => low <= high);
  const { sign, low, high } = random.pick(ranges);
  const contrast = random.uniform(low, high);
  return colorOfLuminance(random, (ground.mean * (1 + sign * contrast)) / (1 - sign * contrast));
}

function paint(rgb: Uint8Array, mask: Uint8Array, ink: Color): void {
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const share = mask[pixel]! / 255;
    if (share === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      const i = 3 * pixel + channel;
      rgb[i] = Math.round(rgb[i]! + share * (255 * ink[channel]! - rgb[i]!));
    }
  }
}
