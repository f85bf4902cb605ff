// A class's scores summed over a rectangle of a dense output: why this part of the picture is that class.
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ClassReference, referTo } from "./class-reference.ts";
import { fedMaskKind, requireGrid } from "./mask.ts";
import { type BoundTarget, badTarget, type ParseTarget } from "./target.ts";
import { numbersIn, parted } from "./target-text.ts";

const PREFIX = "region:";
const EXAMPLE = `${PREFIX}<class>@<top>,<left>,<bottom>,<right>, such as ${PREFIX}top1@0,0,32,48`;

export const regionFacts = {
  id: "region",
  syntax: `${PREFIX}<class>@y0,x0,y1,x1`,
  summary: "sum of a class's scores over a rectangle, in pixels of the network's input (segmentation)",
} as const;

/** Edges in pixels of the network's input: the upper left corner is 0, 0; the lower right one its size. */
export type Region = readonly [top: number, left: number, bottom: number, right: number];

/**
 * The sum of a class's scores over a rectangle of a dense output: over the cells whose centres lie in it, at least those in its
 * middle.
 * @param region edges in pixels of the network's input
 * @throws UsageError `bad-target`, `not-dense`, and what `referTo` throws
 */
export function regionTarget(info: DescribedModel, reference: ClassReference, region: Region): BoundTarget {
  const name = `${PREFIX}${reference}@${region.join(",")}`;
  const grid = requireGrid(info, PREFIX);
  const [height, width] = info.input.size;
  const [top, left, bottom, right] = region;
  if (!(0 <= top && top < bottom && bottom <= height && 0 <= left && left < right && right <= width)) {
    const input = `the input is ${height} high and ${width} wide, and top lies above bottom, left before right`;
    throw badTarget(name, `no rectangle of the input: ${input}`, EXAMPLE);
  }
  const rows = inside(grid[0], height, top, bottom);
  const columns = inside(grid[1], width, left, right);
  const cells = rows.flatMap((row) => columns.map((column) => row * column));
  const find = referTo(info, reference);
  return { kind: fedMaskKind(regionFacts, grid), name, feed: (image) => [[find(image)], cells] };
}

/** 1 for cells along an axis whose centres lie between two edges, or for the one that holds the middle between them. */
function inside(cells: number, size: number, from: number, to: number): number[] {
  const centre = (i: number) => ((i + 0.5) * size) / cells;
  const found: number[] = Array.from({ length: cells }, (_, i) =>
    centre(i) >= from && centre(i) < to ? 1 : 0,
  );
  if (!found.includes(1)) found[Math.floor(((from + to) / 2 / size) * cells)] = 1;
  return found;
}

export const parseRegion: ParseTarget = (text, info) => {
  if (!text.startsWith(PREFIX)) return undefined;
  const [reference, place] = parted(info, text.slice(PREFIX.length).trim(), "@") ?? [];
  const region = numbersIn(place ?? "", 4);
  if (reference === undefined || region === undefined)
    throw badTarget(text, "expected a class and four numbers", EXAMPLE);
  return [regionTarget(info, reference, region as unknown as Region)];
};
