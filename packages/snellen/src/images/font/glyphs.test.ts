// Oracles: the font file itself (advances and areas by fontTools, printed by tools/reference/sheet_font.py; the data rounds to 1/512 em),
// and librsvg, which draws the same outlines by another method.
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { coverage } from "./coverage.ts";
import { advanceOf, type Contour, glyphOf, hasGlyph, type OutlinePoint } from "./glyphs.ts";

const FONT: readonly (readonly [character: string, advance: number, area: number])[] = [
  ["A", 0.615234375, 0.14574658870697021],
  ["g", 0.5712890625, 0.15731958548227948],
  ["O", 0.7080078125, 0.1682602564493815],
  ["é", 0.5537109375, 0.1363274653752645],
  ["8", 0.572265625, 0.1652966936429342],
  ["%", 0.85498046875, 0.17629281679789224],
  ["Ж", 0.96923828125, 0.23172438144683838],
  ["ω", 0.75341796875, 0.1452921628952026],
  ["−", 0.75390625, 0.04677295684814453],
  ["…", 0.89990234375, 0.0348210334777832],
  ["\ufffd", 0.9228515625, 0.36768198013305653],
];

const contoursOf = (character: string) => glyphOf(character.codePointAt(0) as number).contours;
const ink = (values: Float32Array) => values.reduce((a, v) => a + v, 0);

describe("glyphs", () => {
  it.each(FONT)("%s is as wide and as black as in the font", (character, advance, area) => {
    expect(Math.abs(advanceOf(character.codePointAt(0) as number) - advance)).toBeLessThanOrEqual(0.5 / 512);
    const size = 100;
    const found = ink(coverage(contoursOf(character), 3.3, 90.6, size).values) / size ** 2;
    // an edge is off by half of 1/512 em at most; strokes are some 40 of these wide
    expect(Math.abs(found / area - 1)).toBeLessThan(0.02);
  });

  it("has every letter of Latin-1, Greek and Cyrillic", () => {
    const letters = "!~¡ÿŁłőșțẞạỹΑΩαωЀЯяџ€№→≤≥≈×·–—‘’“”…✓";
    expect([...letters].filter((c) => !hasGlyph(c.codePointAt(0) as number))).toEqual([]);
    expect(hasGlyph(0x4f60)).toBe(false);
  });
});

/** Outlines as an SVG path, in pixels. */
function svgPath(contours: readonly Contour[], x: number, y: number, size: number): string {
  const at = (p: { x: number; y: number }) => `${x + p.x * size} ${y - p.y * size}`;
  return contours
    .map((contour) => {
      const start = contour.findIndex((p) => p.onCurve);
      const points = [...contour.slice(start), ...contour.slice(0, start + 1)];
      return points.reduce((path, p, i) => {
        if (p.onCurve) return `${path} ${i === 0 ? "M" : points[i - 1]?.onCurve ? "L" : ""} ${at(p)}`;
        const next = points[i + 1] as OutlinePoint;
        const midway = { x: (p.x + next.x) / 2, y: (p.y + next.y) / 2 };
        return `${path} Q ${at(p)} ${next.onCurve ? "" : at(midway)}`;
      }, "");
    })
    .join(" ");
}

describe("coverage", () => {
  it.each([
    ["g", 14],
    ["Ж", 30.5],
    ["8", 60],
    ["é", 11],
  ] as const)("of %s at %d pixels is what librsvg draws", async (character, size) => {
    const contours = contoursOf(character);
    const [x, y, side] = [4.3, 0.9 * size, Math.ceil(1.4 * size)];
    // 16 times as large, each pixel the mean of its 256: cairo's own smoothing is coarse
    const large = 16 * side;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${large}" height="${large}"><path d="${svgPath(contours, 16 * x, 16 * y, 16 * size)}" fill="#fff"/></svg>`;
    const drawn = await sharp(Buffer.from(svg)).flatten({ background: "#000" }).grayscale().raw().toBuffer();
    const theirs = new Float32Array(side * side);
    for (const [i, v] of drawn.entries())
      theirs[Math.floor(i / large / 16) * side + Math.floor((i % large) / 16)]! += v / 255 / 256;
    const ours = new Float32Array(side * side);
    const { left, top, width, height, values } = coverage(contours, x, y, size);
    for (let i = 0; i < width * height; i++) {
      const [column, row] = [left + (i % width), top + Math.floor(i / width)];
      if (column < side && row < side) ours[row * side + column] = values[i] as number;
    }
    const differences = ours.map((v, i) => Math.abs(v - (theirs[i] as number)));
    // curves are cut into chords within 0.02 pixel of them; the rest is cairo's fixed point of 1/256 pixel
    expect(Math.max(...differences)).toBeLessThan(0.03);
    expect(ink(differences)).toBeLessThan(0.01 * ink(ours));
  });

  it("of a square is its area, wherever it lies", () => {
    const square: Contour = [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 0],
    ].map(([x, y]) => ({ x: x as number, y: y as number, onCurve: true }));
    for (const [x, y] of [
      [0, 1],
      [0.25, 1.5],
      [-7.3, -2.9],
    ] as const)
      expect(ink(coverage([square], x, y, 2.5).values)).toBeCloseTo(6.25, 5);
    expect(coverage([square], 0.25, 1, 1).values.slice(0, 2)).toEqual(Float32Array.of(0.75, 0.25));
    expect(coverage([], 0, 0, 10).values).toHaveLength(0);
  });
});
