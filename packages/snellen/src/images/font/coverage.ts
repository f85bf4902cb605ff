// Fills outlines: which part of each pixel lies inside. Every edge adds its signed area to the pixels that it crosses; a running
// sum along the row then gives the coverage exactly, without sampling (the method of font-rs and FreeType's smooth renderer).
import type { Contour, OutlinePoint } from "./glyphs.ts";

/** Coverage of pixels, row-major, 0 to 1; the top left pixel lies at (left, top). */
export interface Coverage {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

type Point = readonly [x: number, y: number];

/**
 * Coverage of an outline whose origin lies at (x, y) pixels, y going down.
 * @param size pixels of an em
 */
export function coverage(contours: readonly Contour[], x: number, y: number, size: number): Coverage {
  const lines = contours.map((contour) =>
    flatten(contour, size).map(([px, py]): Point => [x + px * size, y - py * size]),
  );
  const points = lines.flat();
  if (points.length === 0) return { left: 0, top: 0, width: 0, height: 0, values: new Float32Array(0) };
  const left = Math.floor(Math.min(...points.map((p) => p[0])));
  const top = Math.floor(Math.min(...points.map((p) => p[1])));
  const width = Math.ceil(Math.max(...points.map((p) => p[0]))) - left + 1;
  const height = Math.ceil(Math.max(...points.map((p) => p[1]))) - top + 1;
  const areas = new Float32Array(width * height + 1);
  for (const line of lines) {
    for (const [i, from] of line.entries()) {
      const to = line[(i + 1) % line.length] as Point;
      addEdge(areas, width, from[0] - left, from[1] - top, to[0] - left, to[1] - top);
    }
  }
  const values = new Float32Array(width * height);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += areas[i] as number;
    values[i] = Math.min(Math.abs(sum), 1);
  }
  return { left, top, width, height, values };
}

/** A contour as a polygon, in ems; curves in pieces that stay within a fiftieth of a pixel of them. */
function flatten(contour: Contour, size: number): Point[] {
  const out: Point[] = [];
  const whole = withMidpoints(contour);
  for (const [i, p] of whole.entries()) {
    if (p.onCurve) {
      out.push([p.x, p.y]);
      continue;
    }
    const from = whole[(i + whole.length - 1) % whole.length] as OutlinePoint;
    const to = whole[(i + 1) % whole.length] as OutlinePoint;
    const bend = Math.hypot(from.x - 2 * p.x + to.x, from.y - 2 * p.y + to.y) * size;
    const pieces = Math.min(Math.ceil(Math.sqrt(bend / (4 * 0.02))), 32);
    for (let k = 1; k < pieces; k++) {
      const t = k / pieces;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      out.push([a * from.x + b * p.x + c * to.x, a * from.y + b * p.y + c * to.y]);
    }
  }
  return out;
}

/** The contour with the points on the curve that lie unsaid between two off it. */
function withMidpoints(contour: Contour): OutlinePoint[] {
  return contour.flatMap((p, i) => {
    const next = contour[(i + 1) % contour.length] as OutlinePoint;
    const midway = { x: (p.x + next.x) / 2, y: (p.y + next.y) / 2, onCurve: true };
    return p.onCurve || next.onCurve ? [p] : [p, midway];
  });
}

/** Adds what lies right of an edge, row by row; downward edges count positive. */
function addEdge(areas: Float32Array, width: number, x0: number, y0: number, x1: number, y1: number): void {
  if (y0 === y1) return;
  const sign = y0 < y1 ? 1 : -1;
  const [xTop, yTop, xBottom, yBottom] = y0 < y1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0];
  const slope = (xBottom - xTop) / (yBottom - yTop);
  for (let row = Math.floor(yTop); row < yBottom; row++) {
    const from = Math.max(row, yTop);
    const to = Math.min(row + 1, yBottom);
    const [a, b] = [xTop + (from - yTop) * slope, xTop + (to - yTop) * slope];
    addRow(areas, row * width, Math.min(a, b), Math.max(a, b), sign * (to - from));
  }
}

/** Spreads one row's piece of an edge, from xLeft to xRight, over the pixels that it crosses; each gets its part of `height`. */
function addRow(areas: Float32Array, row: number, xLeft: number, xRight: number, height: number): void {
  const span = xRight - xLeft;
  for (let column = Math.floor(xLeft); column < Math.max(xRight, Math.floor(xLeft) + 1); column++) {
    const from = Math.max(column, xLeft);
    const to = Math.min(column + 1, xRight);
    const part = span > 0 ? (height * (to - from)) / span : height;
    const right = column + 1 - (from + to) / 2;
    areas[row + column] = (areas[row + column] as number) + part * right;
    areas[row + column + 1] = (areas[row + column + 1] as number) + part * (1 - right);
  }
}
