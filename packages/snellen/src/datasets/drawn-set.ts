// What a drawn data set is: pure functions of seed and index, with the exact mask and box of what is to be found.
import type { PixelBox } from "./optotypes/coverage.ts";

/** One picture with what is known about it. */
export interface DrawnSample {
  readonly seed: number;
  readonly index: number;
  readonly label: string;
  /** Position of `label` in the set's labels. */
  readonly classIndex: number;
  /** RGB bytes, row by row. */
  readonly image: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** Share of each pixel that the object covers, as `round(255 · share)`; one byte per pixel. */
  readonly mask: Uint8Array;
  /** The smallest box with every pixel that the object touches. */
  readonly box: PixelBox;
}

/** Which picture is wanted. */
export interface DrawRequest {
  /** A 32-bit integer. */
  readonly seed: number;
  /** 0, 1, 2, … */
  readonly index: number;
  /** Width and height in pixels. */
  readonly size?: number;
}

/** One picture of the set as `annotations.json` lists it; a set may say more of each. */
export interface DrawnAnnotation {
  /** Path of the image relative to the folder of `annotations.json`, with forward slashes. */
  readonly file: string;
  readonly class: string;
  readonly classIndex: number;
  /** x, y, width, height in whole pixels. */
  readonly box: readonly [number, number, number, number];
  /** Path of the mask, relative as `file` is. */
  readonly mask: string;
  readonly seed: number;
  readonly index: number;
}

/** An endless set of drawn pictures with exact masks and boxes: seed and index decide each of them. */
export interface DrawnSet<Sample extends DrawnSample = DrawnSample> {
  readonly id: string;
  /** What its pictures show, in one clause. */
  readonly summary: string;
  readonly labels: readonly string[];
  /** Sides of a picture in pixels. */
  readonly size: { readonly least: number; readonly usual: number; readonly most: number };
  /** Class of a picture, without drawing it. */
  classOf(seed: number, index: number): number;
  draw(request: DrawRequest): Sample;
  /** @param file where the image was written, `mask` likewise */
  annotate(sample: Sample, file: string, mask: string): DrawnAnnotation;
}

/** Where a sample's image and mask go in a folder of the ImageFolder kind, relative to that folder. */
export function drawnFiles({ label, index }: Pick<DrawnSample, "label" | "index">): {
  file: string;
  mask: string;
} {
  const name = `${label}/${String(index).padStart(6, "0")}.png`;
  return { file: `images/${name}`, mask: `masks/${name}` };
}
