// R as people look at it: in colours, enlarged until pixels show, with the fitted Gaussian and the theoretical field drawn over
// it.
import { blendPixel, createCanvas, WHITE } from "../../images/canvas.ts";
import { cividis, colorAt } from "../../images/color-maps.ts";
import type { Picture } from "../../images/overlay.ts";
import type { FieldValues } from "../size/field-values.ts";
import type { FieldMap } from "./field-map.ts";

/** An ellipse along the axes, in pixels of R. */
interface Ellipse {
  readonly centre: readonly [row: number, column: number];
  readonly radii: readonly [rows: number, columns: number];
}

/** A rectangle of pixels of R, ends included; it may reach beyond R or be infinite. */
export interface Frame {
  readonly rows: readonly [first: number, last: number];
  readonly columns: readonly [first: number, last: number];
}

/** What is drawn over R. */
export interface FieldPictureOptions {
  /** Solid lines. */
  readonly ellipses?: readonly Ellipse[];
  /** Dashed lines. */
  readonly frames?: readonly Frame[];
}

/** The shorter side of a picture is at least this many pixels. */
const SHORTEST = 320;

/** Pixels of the picture a side of one of R. */
export const enlargement = (dims: readonly [number, number]): number =>
  Math.max(1, Math.ceil(SHORTEST / Math.min(...dims)));

/**
 * R from dark (0) to light (its largest value).
 * @param values shares of the largest, 0 to 1, row by row: R itself or its logarithm
 */
export function fieldPicture(
  values: ArrayLike<number>,
  dims: FieldMap["dims"],
  { ellipses = [], frames = [] }: FieldPictureOptions = {},
): Picture {
  const factor = enlargement(dims);
  const plane = colored(values, dims, factor);
  for (const ellipse of ellipses) drawEllipse(plane, ellipse, factor);
  for (const frame of frames) drawFrame(plane, frame, dims, factor);
  return plane;
}

/** R in its colours, a pixel for a pixel. @param values shares of the largest, 0 to 1 */
export const fieldColours = (values: ArrayLike<number>, dims: FieldMap["dims"]): Picture =>
  colored(values, dims, 1);

/** The larger values' shares: R over its largest value. @returns zeros where R is zero everywhere */
export function shares(values: ArrayLike<number>): Float64Array {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i] as number);
  return Float64Array.from(values, (v) => (largest > 0 ? v / largest : 0));
}

/** Pixels a side of the corner that is enlarged, at most; of small inputs a quarter. */
const CORNER = 32;

/** R's upper left corner: the square that is enlarged to show whether neighbouring pixels are alike. */
export function cornerOf({ values, dims }: FieldValues): FieldValues {
  const side = Math.min(CORNER, Math.ceil(Math.min(...dims) / 4));
  const corner = Float64Array.from(
    { length: side * side },
    (_, i) => values[Math.floor(i / side) * dims[1] + (i % side)] as number,
  );
  return { values: corner, dims: [side, side] };
}

export function colored(
  values: ArrayLike<number>,
  [height, width]: FieldMap["dims"],
  factor: number,
): Picture {
  const plane = createCanvas(width * factor, height * factor);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [r, g, b] = colorAt(cividis, values[y * width + x] as number);
      for (let v = 0; v < factor; v++)
        for (let u = 0; u < factor; u++) {
          const at = 3 * ((y * factor + v) * plane.width + x * factor + u);
          plane.data[at] = r;
          plane.data[at + 1] = g;
          plane.data[at + 2] = b;
        }
    }
  return plane;
}

/** A pixel of R's centre lies in the middle of its square. */
const placed = (position: number, factor: number): number => Math.round((position + 0.5) * factor - 0.5);

const LINE = 0.85;

function drawEllipse(plane: Picture, { centre, radii }: Ellipse, factor: number): void {
  const steps = Math.ceil(2 * Math.PI * factor * Math.max(...radii));
  // beyond any picture's size there is nothing to draw, and a broken fit must not take for ever
  if (!(steps < 1e5)) return;
  const drawn = new Set<number>();
  for (let i = 0; i < steps; i++) {
    const angle = (2 * Math.PI * i) / steps;
    const y = placed(centre[0] + radii[0] * Math.sin(angle), factor);
    const x = placed(centre[1] + radii[1] * Math.cos(angle), factor);
    const key = y * plane.width + x;
    if (x >= 0 && x < plane.width && !drawn.has(key)) blendPixel(plane, x, y, WHITE, LINE);
    drawn.add(key);
  }
}

export function drawFrame(
  plane: Picture,
  { rows, columns }: Frame,
  [height, width]: FieldMap["dims"],
  factor: number,
): void {
  const along = ([first, last]: readonly [number, number], size: number): [number, number] => [
    Math.round(Math.max(first, 0) * factor),
    Math.round((Math.min(last, size - 1) + 1) * factor) - 1,
  ];
  const [top, bottom] = along(rows, height);
  const [left, right] = along(columns, width);
  const dashed = (i: number): boolean => i % 8 < 5;
  for (let x = left; x <= right; x++)
    for (const [y, isShown] of [
      [top, rows[0] >= 0],
      [bottom, rows[1] < height],
    ] as const)
      if (isShown && dashed(x)) blendPixel(plane, x, y, WHITE, LINE);
  for (let y = top; y <= bottom; y++)
    for (const [x, isShown] of [
      [left, columns[0] >= 0],
      [right, columns[1] < width],
    ] as const)
      if (isShown && dashed(y)) blendPixel(plane, x, y, WHITE, LINE);
}
