// Text on pictures, without any font of the system. One line, from left to right; what the font lacks is shown as U+FFFD, one for
// each character as people count them (an emoji with its modifiers is one), and what does not show (controls, marks) is left out.
import { BLACK, blendPixel } from "./canvas.ts";
import type { Rgb } from "./color-maps.ts";
import { coverage } from "./font/coverage.ts";
import { ASCENT, advanceOf, type Contour, DESCENT, glyphOf, hasGlyph, REPLACEMENT } from "./font/glyphs.ts";
import type { Picture } from "./overlay.ts";

export interface TextOptions {
  /** Pixels of an em; default 13. A line is 1.25 times as high. */
  readonly size?: number;
  readonly color?: Rgb;
  /** Pixels that the text may take; a longer one ends in an ellipsis. */
  readonly maxWidth?: number;
  /** Thicker: each letter twice, a little apart. */
  readonly bold?: boolean;
}

export const TEXT_SIZE = 13;

/** Height of a line in pixels. */
export const lineHeight = (size = TEXT_SIZE): number => Math.ceil(1.25 * size);

/** No label is longer; nobody reads on, and cutting first keeps hostile text cheap. In UTF-16 units. */
const LONGEST = 2000;

const ELLIPSIS = "…".codePointAt(0) as number;

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Code points to draw, one for each character that shows. */
function codePoints(text: string): number[] {
  const whole = text.slice(0, LONGEST).normalize("NFC");
  const shown = [...segmenter.segment(whole)].flatMap(({ segment }) => {
    const first = segment.codePointAt(0) as number;
    if (/^\s/u.test(segment)) return [0x20];
    if (/^[\p{C}\p{M}]/u.test(segment) && !/^\p{Co}/u.test(segment))
      return isLone(first) ? [REPLACEMENT] : [];
    return [hasGlyph(first) ? first : REPLACEMENT];
  });
  return text.length > LONGEST ? [...shown, ELLIPSIS] : shown;
}

/** Half of a surrogate pair: broken text, which should show. */
const isLone = (codePoint: number): boolean => codePoint >= 0xd800 && codePoint <= 0xdfff;

const widthOf = (codes: readonly number[], size: number): number =>
  codes.reduce((width, code) => width + advanceOf(code) * size, 0);

/** Width of a line of text in pixels, not rounded. */
export const textWidth = (text: string, size = TEXT_SIZE): number => widthOf(codePoints(text), size);

/** Code points that fit into a width, the last an ellipsis where some are left out. */
function fitted(codes: readonly number[], size: number, maxWidth: number): readonly number[] {
  if (widthOf(codes, size) <= maxWidth) return codes;
  let room = maxWidth - advanceOf(ELLIPSIS) * size;
  if (room < 0) return [];
  const kept = [];
  for (const code of codes) {
    room -= advanceOf(code) * size;
    if (room < 0) break;
    kept.push(code);
  }
  while (kept.at(-1) === 0x20) kept.pop();
  return [...kept, ELLIPSIS];
}

/**
 * Draws one line of text into the picture itself, its box's top left corner at (x, y); what lies outside is cut off.
 * @returns the width taken, in pixels
 */
export function drawText(
  picture: Picture,
  x: number,
  y: number,
  text: string,
  options: TextOptions = {},
): number {
  const { size = TEXT_SIZE, color = BLACK, maxWidth = Number.POSITIVE_INFINITY, bold = false } = options;
  const baseline = Math.round(y + (lineHeight(size) - (ASCENT + DESCENT) * size) / 2 + ASCENT * size);
  let right = x;
  for (const code of fitted(codePoints(text), size, maxWidth)) {
    const { contours, advance } = glyphOf(code);
    const { left, top, width, height, values } = coverage(
      bold ? thickened(contours) : contours,
      right,
      baseline,
      size,
    );
    for (let i = 0; i < width * height; i++) {
      const share = values[i] as number;
      if (share > 0) blendPixel(picture, left + (i % width), top + Math.floor(i / width), color, share);
    }
    right += advance * size;
    if (right > picture.width) break;
  }
  return right - x;
}

/** How far apart the two letters of a bold one lie, in ems. */
const THICKER = 0.045;

const thickened = (contours: readonly Contour[]): Contour[] => [
  ...contours,
  ...contours.map((contour) => contour.map((point) => ({ ...point, x: point.x + THICKER }))),
];

/**
 * Text broken into lines that fit a width, at spaces or after `_`, `-`, `/`; at most `maxLines`. A piece that is too wide, or what
 * is left for the last line, stays whole: `drawText` cuts it.
 */
export function wrapText(text: string, maxWidth: number, maxLines: number, size = TEXT_SIZE): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.slice(0, LONGEST).split(/(?<=[\s_/-])/u)) {
    const longer = line + piece;
    const isLast = lines.length === maxLines - 1;
    if (line === "" || isLast || textWidth(longer.trim(), size) <= maxWidth) line = longer;
    else {
      lines.push(line.trim());
      line = piece;
    }
  }
  return line.trim() === "" ? lines : [...lines, line.trim()];
}
