// Images × methods on a page: a row an image, the image itself first, then its map by each method, with words below each.
// Pages are bounded, so that any viewer opens them; what does not fit goes to the next, and every page says where it stands.
import { type Box, colorBarBox, colorBox, pictureBox, spaceBox, stack, textBox } from "./box.ts";
import { createCanvas } from "./canvas.ts";
import type { ColorMap, Rgb } from "./color-maps.ts";
import type { Picture } from "./overlay.ts";
import { scalePicture } from "./scale-picture.ts";
import { CELL_SIZE, type SheetCell } from "./sheet-cell.ts";

/** A row of a sheet: the image, then its maps. */
export interface SheetRow {
  /** The image itself. */
  readonly image: SheetCell;
  /** A column each; undefined where there is none. */
  readonly cells: readonly (SheetCell | undefined)[];
}

/** A contact sheet as data: images with their maps under headings. */
export interface Sheet {
  readonly title?: string;
  /** What a row and a column stand for; default `image` and `method`. */
  readonly row?: string;
  readonly column?: string;
  /** Headings of the columns after the first. */
  readonly columns: readonly string[];
  readonly rows: readonly SheetRow[];
  /** The colours of all maps, for the legend. */
  readonly colorMap?: ColorMap;
  /** Longer side of pictures in pixels, 96 to 512; default 224. */
  readonly cellSize?: number;
  /** Where the rows stand, if they are some of more images: how many come before, and how many there are in all. */
  readonly part?: { readonly before: number; readonly all: number };
}

/** Rows and columns (after the image's) of a page, at most. */
export const PAGE_ROWS = 12;
export const PAGE_COLUMNS = 8;

const MARGIN = 16;
const GAP = 12;
const GREY: Rgb = [80, 80, 80];
const ALARM: Rgb = [163, 59, 0];
const EMPTY: Rgb = [236, 236, 236];

const TITLE = { size: 20 };
const HEADING = { size: 15, bold: true };
const SMALL = { size: 12, color: GREY };

/** Places from … to, without the last. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Draws a sheet: one picture a page of 12 rows and 8 columns of maps at most; the pages of the first columns come first.
 * @returns at least one page; at most 9 × 512 pixels and their margins wide, 12 × 512 and their words high
 */
export function contactSheet(sheet: Sheet): Picture[] {
  const across = spans(sheet.columns.length, PAGE_COLUMNS);
  const down = spans(sheet.rows.length, PAGE_ROWS);
  return across.flatMap((columns) => down.map((rows) => drawPage(sheet, rows, columns)));
}

const spans = (count: number, most: number): Span[] =>
  Array.from({ length: Math.max(1, Math.ceil(count / most)) }, (_, i) => ({
    from: i * most,
    to: Math.min(count, (i + 1) * most),
  }));

function drawPage(sheet: Sheet, rows: Span, columns: Span): Picture {
  const size = Math.min(Math.max(Math.round(sheet.cellSize ?? CELL_SIZE), 96), 512);
  const headings = sheet.columns.slice(columns.from, columns.to);
  const width = 2 * MARGIN + (headings.length + 1) * (size + GAP) - GAP;
  const table = [
    [sheet.row ?? "image", ...headings].map((heading) =>
      stack([textBox(heading, size, HEADING), spaceBox(4)]),
    ),
    ...sheet.rows.slice(rows.from, rows.to).map(({ image, cells }) =>
      // a row may hold fewer cells than there are columns
      [image, ...headings.map((_, i) => cells[columns.from + i])].map((cell) => cellBox(cell, size)),
    ),
  ].map((boxes) => besides(boxes, size + GAP));
  const page = stack([...headBoxes(sheet, rows, columns, width - 2 * MARGIN), ...table]);
  const canvas = createCanvas(width, page.height + 2 * MARGIN - GAP);
  page.draw(canvas, MARGIN, MARGIN);
  return canvas;
}

/** Boxes in a row, each as wide as `step`. */
const besides = (boxes: readonly Box[], step: number): Box => ({
  height: Math.max(...boxes.map((box) => box.height)),
  draw(canvas, left, top) {
    for (const [i, box] of boxes.entries()) box.draw(canvas, left + i * step, top);
  },
});

function cellBox(cell: SheetCell | undefined, size: number): Box {
  if (cell === undefined) return stack([colorBox(size, size, EMPTY), spaceBox(GAP)]);
  const { picture, lines, note } = cell;
  return stack([
    pictureBox(scalePicture(picture, size)),
    spaceBox(4),
    ...lines.map((text, i) => textBox(text, size, i === 0 ? { size: SMALL.size } : SMALL)),
    ...(note === undefined ? [] : [textBox(note, size, { ...SMALL, color: ALARM })]),
    spaceBox(GAP),
  ]);
}

function headBoxes(sheet: Sheet, rows: Span, columns: Span, maxWidth: number): Box[] {
  const { title, colorMap, columns: headings, row = "image", column = "method" } = sheet;
  const { before, all } = sheet.part ?? { before: 0, all: sheet.rows.length };
  const places = [
    place(row, before + rows.from, before + rows.to, all),
    place(column, columns.from, columns.to, headings.length),
  ].filter((words) => words !== undefined);
  const boxes = [
    ...(title === undefined ? [] : [textBox(title, maxWidth, TITLE), spaceBox(4)]),
    ...(places.length === 0 ? [] : [textBox(places.join(", "), maxWidth, SMALL), spaceBox(4)]),
    ...(colorMap === undefined ? [] : [colorBarBox(colorMap, ...barWords(colorMap), SMALL)]),
  ];
  return boxes.length === 0 ? [] : [...boxes, spaceBox(GAP)];
}

const barWords = ({ kind }: ColorMap): [low: string, high: string] =>
  kind === "two-way" ? ["against: full colour", "for: full colour"] : ["nothing", "full colour"];

/** "images 13–24 of 30"; undefined where that is all. */
function place(what: string, from: number, to: number, all: number): string | undefined {
  if (from === 0 && to === all) return undefined;
  return to - from === 1 ? `${what} ${to} of ${all}` : `${what}s ${from + 1}–${to} of ${all}`;
}
