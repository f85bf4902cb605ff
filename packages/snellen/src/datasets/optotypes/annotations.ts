// What `annotations.json` holds beside a folder of optotypes: per image its class, box, mask and how it was drawn.

import type { Optotype } from "./optotype.ts";
import { optotypeLabels } from "./sloan-letters.ts";

export { drawnFiles as optotypeFiles } from "../drawn-set.ts";

/** One image of the set as `annotations.json` lists it. */
export interface OptotypeAnnotation {
  /** Path of the image relative to the folder of `annotations.json`, with forward slashes. */
  readonly file: string;
  readonly class: string;
  readonly classIndex: number;
  /** x, y, width, height in whole pixels: the smallest box with every pixel that the letter touches. */
  readonly box: readonly [number, number, number, number];
  /** Path of the mask (one grey byte per pixel, 255 = covered by the letter), relative as `file` is. */
  readonly mask: string;
  /** Michelson contrast of the letter against the background beside it, 0 … 1. */
  readonly contrast: number;
  /** Clockwise, in degrees. */
  readonly rotation: number;
  readonly seed: number;
  readonly index: number;
}

/** The whole of `annotations.json`. */
export interface OptotypeAnnotations {
  readonly labels: readonly string[];
  readonly images: readonly OptotypeAnnotation[];
}

/** The entry of one sample, given where its image and mask were written. */
export function annotateOptotype(sample: Optotype, file: string, maskFile: string): OptotypeAnnotation {
  const { box, placement } = sample;
  return {
    file,
    class: sample.label,
    classIndex: sample.classIndex,
    box: [box.x, box.y, box.width, box.height],
    mask: maskFile,
    contrast: roundTo(sample.contrast, 4),
    rotation: roundTo(placement.rotation, 2),
    seed: sample.seed,
    index: sample.index,
  };
}

/** The content of `annotations.json` for the given entries. */
export function optotypeAnnotations(images: readonly OptotypeAnnotation[]): OptotypeAnnotations {
  return { labels: optotypeLabels, images };
}

function roundTo(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
