// A shape drawn into a pixel grid: which share of each pixel it covers, and the box around what it covers.
// Pixels that the boundary may cross are sampled on a 4 × 4 subgrid; all others are decided by one distance.

import type { Shape } from "./shapes.ts";
import { gridSize } from "./sloan-letters.ts";

/** Where a letter stands in an image; lengths in pixels, origin at the image's upper left corner. */
export interface Placement {
  readonly centerX: number;
  readonly centerY: number;
  /** Height of the upright letter. */
  readonly height: number;
  /** Clockwise, in degrees. */
  readonly rotation: number;
}

/** A box of whole pixels; `x` and `y` are its first column and row. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const subsamples = 4;

/**
 * Share of each pixel that the letter covers, as `round(255 · share)`, in a square image.
 *
 * @param shape  a letter on the 5 × 5 grid of strokes
 * @param size  width and height of the image in pixels
 * @returns `size · size` bytes, row by row; error of a share at most about 1/16 (the subgrid)
 */
export function drawCoverage(shape: Shape, placement: Placement, size: number): Uint8Array {
  const mask = new Uint8Array(size * size);
  const { centerX, centerY, height } = placement;
  const stroke = height / gridSize;
  const angle = (placement.rotation * Math.PI) / 180;
  const cos = Math.cos(angle) / stroke;
  const sin = Math.sin(angle) / stroke;
  const distance = (px: number, py: number): number => {
    const dx = px - centerX;
    const dy = py - centerY;
    return shape(gridSize / 2 + cos * dx + sin * dy, gridSize / 2 - sin * dx + cos * dy);
  };
  const halfDiagonal = Math.SQRT1_2 / stroke;
  const reach = height * Math.SQRT1_2 + 1;
  for (let row = Math.max(0, Math.floor(centerY - reach)); row < Math.min(size, centerY + reach); row++) {
    for (let col = Math.max(0, Math.floor(centerX - reach)); col < Math.min(size, centerX + reach); col++) {
      const d = distance(col + 0.5, row + 0.5);
      if (d >= halfDiagonal) continue;
      mask[row * size + col] = d <= -halfDiagonal ? 255 : Math.round(255 * shareInside(distance, col, row));
    }
  }
  return mask;
}

function shareInside(distance: (px: number, py: number) => number, col: number, row: number): number {
  let inside = 0;
  for (let i = 0; i < subsamples; i++) {
    for (let j = 0; j < subsamples; j++) {
      if (distance(col + (j + 0.5) / subsamples, row + (i + 0.5) / subsamples) < 0) inside++;
    }
  }
  return inside / subsamples ** 2;
}

/** The smallest box that holds every pixel with coverage above 0; width and height 0 for an empty mask. */
export function coverageBox(mask: Uint8Array, size: number): PixelBox {
  let left = size;
  let top = size;
  let right = -1;
  let bottom = -1;
  for (let row = 0; row < size; row++) {
    for (let col = 0; col < size; col++) {
      if (mask[row * size + col] === 0) continue;
      left = Math.min(left, col);
      right = Math.max(right, col);
      top = Math.min(top, row);
      bottom = row;
    }
  }
  return right < 0
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
