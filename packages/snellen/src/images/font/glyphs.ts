// Glyphs of the one font that pictures are lettered with. It comes as data, because fresh machines and containers have no fonts,
// and letters should be the same pixels everywhere. Latin, Greek, Cyrillic, common symbols; all else is shown as U+FFFD.
//
// The data, base64 of variable-length integers (7 bits a byte, low first), signed ones folded (0, −1, 1, −2 …):
//   glyphs: count; each: code point − the one before, advance, parts; each part: outline, right, up
//   outlines: count; each: contours; each contour: points; each point: folded Δx · 2 + on the curve, folded Δy
// Points are TrueType's: two in a row off the curve have one on it midway.
import { GLYPH_DATA } from "./glyph-data.ts";

/** A point of a contour, in ems from the origin of the baseline; y goes up. */
export interface OutlinePoint {
  readonly x: number;
  readonly y: number;
  readonly onCurve: boolean;
}

/** A closed line of straight pieces and quadratic Béziers. */
export type Contour = readonly OutlinePoint[];

export interface Glyph {
  /** Width that the glyph takes, in ems. */
  readonly advance: number;
  readonly contours: readonly Contour[];
}

/** Height of the letters' tops above the baseline, and depth of their tails below, in ems. */
export const ASCENT = 0.93;
export const DESCENT = 0.24;

/** What is shown for characters that the font lacks. */
export const REPLACEMENT = 0xfffd;

const EM = 512;

interface Font {
  readonly glyphs: ReadonlyMap<number, Composition>;
  readonly outlines: readonly (readonly Contour[])[];
}

interface Composition {
  readonly advance: number;
  readonly parts: readonly { readonly outline: number; readonly right: number; readonly up: number }[];
}

let decoded: Font | undefined;

const font = (): Font => (decoded ??= decode(Uint8Array.from(atob(GLYPH_DATA), (c) => c.charCodeAt(0))));

/** Whether the font has a glyph for a code point. */
export const hasGlyph = (codePoint: number): boolean => font().glyphs.has(codePoint);

const compositionOf = (codePoint: number): Composition =>
  (font().glyphs.get(codePoint) ?? font().glyphs.get(REPLACEMENT)) as Composition;

/** Width that the glyph of a code point takes, in ems; U+FFFD's where the font has none. */
export const advanceOf = (codePoint: number): number => compositionOf(codePoint).advance;

/** The glyph of a code point, U+FFFD where the font has none. */
export function glyphOf(codePoint: number): Glyph {
  const { outlines } = font();
  const { advance, parts } = compositionOf(codePoint);
  const contours = parts.flatMap(({ outline, right, up }) =>
    (outlines[outline] as readonly Contour[]).map((contour) =>
      contour.map(({ x, y, onCurve }) => ({ x: x + right, y: y + up, onCurve })),
    ),
  );
  return { advance, contours };
}

function decode(bytes: Uint8Array): Font {
  let at = 0;
  const next = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const unfold = (value: number): number => (value & 1 ? -(value + 1) / 2 : value / 2) / EM;
  const list = <T>(read: () => T): T[] => Array.from({ length: next() }, read);

  let codePoint = 0;
  const glyphs = list((): [number, Composition] => {
    codePoint += next();
    const advance = next() / EM;
    const parts = list(() => ({ outline: next(), right: unfold(next()), up: unfold(next()) }));
    return [codePoint, { advance, parts }];
  });
  const outlines = list(() => {
    let [x, y] = [0, 0];
    return list(() =>
      list((): OutlinePoint => {
        const first = next();
        x += unfold(first >> 1);
        y += unfold(next());
        return { x, y, onCurve: (first & 1) === 1 };
      }),
    );
  });
  return { glyphs: new Map(glyphs), outlines };
}
