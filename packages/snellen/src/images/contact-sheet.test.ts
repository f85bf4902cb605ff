// Oracle: sizes by hand (margin 16, gap 12, columns as wide as a cell); pictures found again where they must be.
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { colorMap } from "./color-maps.ts";
import { contactSheet, PAGE_COLUMNS, PAGE_ROWS, type Sheet } from "./contact-sheet.ts";
import type { Picture } from "./overlay.ts";
import { lineHeight } from "./text.ts";

const SIZE = 96;
const cell = (red: number, lines: readonly string[] = []) => ({
  picture: createCanvas(SIZE, SIZE, [red, 7, 7]),
  lines,
});

const made = (rows: number, columns: number, more: Partial<Sheet> = {}): Sheet => ({
  columns: Array.from({ length: columns }, (_, i) => `m${i}`),
  rows: Array.from({ length: rows }, () => ({
    image: cell(1),
    cells: Array.from({ length: columns }, (_, i) => cell(i + 2)),
  })),
  cellSize: SIZE,
  ...more,
});

const pixel = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

/** Height of the headings with what is below them. */
const HEADINGS = lineHeight(15) + 4;

const ink = (page: Picture, fromY: number, toY: number) =>
  page.data.subarray(3 * fromY * page.width, 3 * toY * page.width).filter((v) => v < 128).length;

describe("contactSheet", () => {
  it("puts a row an image, the image first", () => {
    const [page, ...more] = contactSheet(made(3, 2));
    expect(more).toEqual([]);
    // a row: picture, 4 pixels, no words, gap; no gap below the last
    expect(page).toMatchObject({
      width: 32 + 3 * SIZE + 2 * 12,
      height: 32 + HEADINGS + 3 * (SIZE + 16) - 12,
    });
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 3; column++) {
        const [x, y] = [16 + column * (SIZE + 12), 16 + HEADINGS + row * (SIZE + 16)];
        expect(pixel(page as Picture, x, y)).toEqual([column + 1, 7, 7]);
        expect(pixel(page as Picture, x + SIZE - 1, y + SIZE - 1)).toEqual([column + 1, 7, 7]);
        expect(pixel(page as Picture, x + SIZE, y)).toEqual([255, 255, 255]);
      }
  });

  it("splits what does not fit, columns of methods first", () => {
    const pages = contactSheet(made(PAGE_ROWS + 1, PAGE_COLUMNS + 1));
    expect(pages).toHaveLength(4);
    const wide = 32 + 9 * SIZE + 8 * 12;
    expect(pages.map((p) => p.width)).toEqual([wide, wide, 32 + 2 * SIZE + 12, 32 + 2 * SIZE + 12]);
    // the last method of the second block
    expect(pixel(pages[2] as Picture, 16 + SIZE + 12, 200)).toEqual([PAGE_COLUMNS + 2, 7, 7]);
    for (const page of pages) expect(page.data).toHaveLength(page.width * page.height * 3);
  });

  it("says where a page stands, and only if there are more", () => {
    const height = (sheet: Sheet) => (contactSheet(sheet)[0] as Picture).height;
    const line = lineHeight(12) + 4 + 12;
    expect(height(made(2, 1, { part: { before: 4, all: 9 } }))).toBe(height(made(2, 1)) + line);
    expect(height(made(2, 1, { part: { before: 0, all: 2 } }))).toBe(height(made(2, 1)));
  });

  it("writes headings, words, title and legend", () => {
    const plain = contactSheet(made(1, 1))[0] as Picture;
    expect(ink(plain, 0, 16 + HEADINGS)).toBeGreaterThan(50);
    const rich = contactSheet({
      ...made(1, 1, { title: "Heat maps", colorMap: colorMap("sunset") }),
      rows: [{ image: cell(255, ["owl.jpg"]), cells: [{ ...cell(255, ["owl", "score 3"]), note: "dark" }] }],
    })[0] as Picture;
    const head = lineHeight(20) + 4 + lineHeight(12) + 12;
    expect(rich.height).toBe(plain.height + head + 3 * lineHeight(12));
    expect(ink(rich, 0, 16 + head)).toBeGreaterThan(300);
    expect(ink(rich, rich.height - 16 - 3 * lineHeight(12), rich.height - 16)).toBeGreaterThan(100);
  });

  it("scales pictures to their cells, and shows cells that are missing as empty", () => {
    const image = { picture: createCanvas(30, 15, [9, 9, 9]), lines: [] };
    const page = contactSheet({ columns: ["a"], rows: [{ image, cells: [] }], cellSize: SIZE })[0] as Picture;
    const top = 16 + HEADINGS;
    expect(pixel(page, 16 + SIZE - 1, top + SIZE / 2 - 1)).toEqual([9, 9, 9]);
    expect(pixel(page, 16, top + SIZE / 2)).toEqual([255, 255, 255]);
    expect(pixel(page, 16 + SIZE + 12, top)).toEqual([236, 236, 236]);
  });

  it("keeps its size whatever the words are", () => {
    const evil = `${"👩‍👧 \u202e\u0000שלום ".repeat(500)}${"x".repeat(10_000)}`;
    const sheet = {
      ...made(1, 1, { title: evil }),
      columns: [evil],
      rows: [{ image: cell(1, [evil]), cells: [cell(2, [evil, evil])] }],
    };
    const [page] = contactSheet(sheet);
    expect(page?.width).toBe(32 + 2 * SIZE + 12);
    expect(page?.height).toBeLessThan(450);
  });

  it("draws a page for nothing, and bounds its cells", () => {
    expect(contactSheet({ columns: [], rows: [] })).toHaveLength(1);
    expect(contactSheet(made(1, 1, { cellSize: 1e9 }))[0]?.width).toBe(32 + 2 * 512 + 12);
    expect(contactSheet(made(1, 1, { cellSize: 1 }))[0]?.width).toBe(32 + 2 * 96 + 12);
  });
});
