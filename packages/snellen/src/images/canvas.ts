// Pictures to draw into: plain RGB pixels, the same in Node and in browsers. What lies outside of the picture is cut off.
import type { Rgb } from "./color-maps.ts";
import type { Picture } from "./overlay.ts";

export const WHITE: Rgb = [255, 255, 255];
export const BLACK: Rgb = [0, 0, 0];

/** A place in pixels from the top left corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A picture of one colour. */
export function createCanvas(width: number, height: number, color: Rgb = WHITE): Picture {
  const canvas = { width, height, data: new Uint8Array(width * height * 3) };
  fillRectangle(canvas, { left: 0, top: 0, width, height }, color);
  return canvas;
}

/** Fills a rectangle of the canvas; whole pixels. */
export function fillRectangle(canvas: Picture, rectangle: Rectangle, color: Rgb): void {
  const [left, top] = [Math.max(0, rectangle.left), Math.max(0, rectangle.top)];
  const right = Math.min(canvas.width, rectangle.left + rectangle.width);
  const bottom = Math.min(canvas.height, rectangle.top + rectangle.height);
  if (right <= left) return;
  const row = new Uint8Array(3 * (right - left));
  for (let i = 0; i < row.length; i++) row[i] = color[i % 3] as number;
  for (let y = top; y < bottom; y++) canvas.data.set(row, 3 * (y * canvas.width + left));
}

/** Copies a picture into the canvas, its top left corner at (left, top); whole pixels. */
export function paste(canvas: Picture, picture: Picture, left: number, top: number): void {
  const from = Math.max(0, -left);
  const to = Math.min(picture.width, canvas.width - left);
  if (to <= from) return;
  for (let y = Math.max(0, -top); y < Math.min(picture.height, canvas.height - top); y++) {
    const row = y * picture.width;
    const pixels = picture.data.subarray(3 * (row + from), 3 * (row + to));
    canvas.data.set(pixels, 3 * ((top + y) * canvas.width + left + from));
  }
}

/** Mixes a colour into one pixel; @param share of the colour, 0 to 1 */
export function blendPixel(
  { width, height, data }: Picture,
  x: number,
  y: number,
  color: Rgb,
  share: number,
): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const i = 3 * (y * width + x);
  for (let c = 0; c < 3; c++)
    data[i + c] = Math.round((1 - share) * (data[i + c] as number) + share * (color[c] as number));
}

/** The picture without its colours: luma of Rec. 601, as Pillow's `L`. */
export function inGrey({ width, height, data }: Picture): Picture {
  const grey = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i] as number, data[i + 1] as number, data[i + 2] as number];
    grey.fill(Math.round(0.299 * r + 0.587 * g + 0.114 * b), i, i + 3);
  }
  return { width, height, data: grey };
}
