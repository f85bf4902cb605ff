// The theoretical receptive field: which pixels can reach a cell of a feature map, per axis, by walking the graph.
// Recurrences for one path as in Araujo et al., "Computing receptive fields of convolutional neural networks", Distill 2019;
// where paths meet, the hull of their fields; attention and global pooling see the whole image.
import { attr, type GraphBuilder, type Node, valuesReadBy } from "@snellen/graph";
import type { Followed, Spaces } from "../../vision-model/follow-space.ts";
import { readsShapeOnly } from "../../vision-model/shape-only.ts";
import { holdsSpace, type Space } from "../../vision-model/space.ts";
import { ALONG_AXES, CELL_BY_CELL, CUTS, joined, type Reads, SAME_CELL, WINDOWS } from "./reads.ts";

/** Field of the cells along one axis: cell i sees pixels i·stride + start … i·stride + end (−∞ … ∞ for the whole image). */
export interface AxisField {
  /** Pixels between neighbouring cells. */
  readonly stride: number;
  readonly start: number;
  readonly end: number;
  /** Pixel position of cell 0's centre; pixel centres are whole numbers. Stays finite when the field is not. */
  readonly centre: number;
}

/** [rows, columns]. */
export type ReceptiveField = readonly [AxisField, AxisField];

/** Rows or columns. */
export type GridAxis = 0 | 1;

/** How many pixels a cell sees along an axis; Infinity for the whole image. */
export const fieldSize = (field: AxisField): number => field.end - field.start + 1;

/**
 * Receptive field of every value whose space is whole; the image's own is one pixel. Never smaller than the truth for cells whose
 * field lies inside the image (at the borders, padding takes the place of pixels); exact for convolutions and pooling. Where cells
 * see differently by turns (transposed convolutions, resizing, depth to space) it is the hull over the turns, and behind those it may
 * be wider than any single cell's. An operator that nobody listed, an operand that is not passed on cell by cell, and positions
 * that were lost on the way (an axis turned round) bring in the whole image.
 * @returns fields of cells of the layout where a value has one, else of positions of its space's grid
 */
export function receptiveFields(
  b: GraphBuilder,
  nodes: readonly Node[],
  image: string,
  spaces: Spaces,
): ReadonlyMap<string, ReceptiveField> {
  const pixel: AxisField = { stride: 1, start: 0, end: 0, centre: 0 };
  const fields = new Map<string, ReceptiveField>([[image, [pixel, pixel]]]);
  const pixels = spaces.get(image)?.space.grid ?? [1, 1];
  const dependent = new Set([image]);
  for (const node of nodes) {
    if (readsShapeOnly(node) || !valuesReadBy(node).some((name) => dependent.has(name))) continue;
    node.outputs.forEach((name, output) => {
      dependent.add(name);
      const to = spaces.get(name);
      if (to?.isWhole !== true) return;
      const along = (axis: GridAxis): AxisField =>
        fieldAlong({ b, node, output, to, spaces, fields, dependent }, axis) ??
        wholeImage(evenly(pixels[axis], to.space.grid[axis]));
      fields.set(name, [along(0), along(1)]);
    });
  }
  return new Map([...fields].map(([name, field]) => [name, ofCells(field, spaces.get(name))]));
}

/** Positions that lie in the channels (pixels of a patch, space to depth by a reshape) make up one cell of the map together. */
function ofCells(field: ReceptiveField, value: Followed | undefined): ReceptiveField {
  const { space, layout } = value ?? {};
  if (space === undefined || layout === undefined) return field;
  const along = (axis: GridAxis) => throughReads(field[axis], joined(space.grid[axis] / layout.grid[axis]));
  return [along(0), along(1)];
}

interface WalkContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  readonly output: number;
  readonly to: Followed;
  readonly spaces: Spaces;
  readonly fields: ReadonlyMap<string, ReceptiveField>;
  readonly dependent: ReadonlySet<string>;
}

/** Undefined where no input passed its positions on. */
function fieldAlong(context: WalkContext, axis: GridAxis): AxisField | undefined {
  const { to, spaces, fields } = context;
  const through = to.sources.flatMap((name) => {
    const [from, field] = [spaces.get(name), fields.get(name)?.[axis]];
    if (from === undefined || field === undefined) return [];
    const reads = readsOf(context, from, axis);
    return [reads === undefined ? wholeImage(regridded(field, from, to, axis)) : throughReads(field, reads)];
  });
  if (through.length === 0) return undefined;
  const hull = hullOf(through, to.space.grid[axis]);
  return isMixed(context) ? wholeImage(hull) : hull;
}

/** Whether an input depends on the image but was not passed on position by position: attention, gates, lost positions. */
function isMixed({ node, to, dependent }: WalkContext): boolean {
  if (node.opType === "Concat") {
    // tokens beside those of the grid, and pieces put together in cyclic order, are none of the grid's cells
    const { axes } = to.space;
    const axis = attr.int(node, "axis");
    if (holdsSpace(axes[axis < 0 ? axis + axes.length : axis] ?? [])) return false;
  }
  return valuesReadBy(node).some((name) => dependent.has(name) && !to.sources.includes(name));
}

/** Undefined: all cells. */
function readsOf(context: WalkContext, from: Followed, axis: GridAxis): Reads | undefined {
  const { node, to } = context;
  const key = node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
  if (WINDOWS[key] !== undefined) return windowReads(context, from, axis, key);
  if (CUTS[key] !== undefined) {
    const at = axisAlone(from.space, axis);
    // cells of a shifted grid are named by their place before the shift, and so are tokens of the grid
    return at < 0 || from.space.roll[axis] !== 0
      ? SAME_CELL
      : CUTS[key]?.(alongAxis(context, from, axis, at));
  }
  const mixes = ALONG_AXES[key]?.(node, from.space.axes.length);
  if (mixes?.some((a) => holdsSpace(from.space.axes.at(a) ?? []))) return undefined;
  if (mixes === undefined && !CELL_BY_CELL.has(key)) return undefined;
  const cells = from.space.grid[axis] / to.space.grid[axis];
  return Number.isInteger(cells) && cells > 0 ? joined(cells) : undefined;
}

function windowReads(context: WalkContext, from: Followed, axis: GridAxis, key: string): Reads | undefined {
  const at = gridAxisOf(from.space, axis);
  const reads = (array: number) => WINDOWS[key]?.(alongAxis(context, from, axis, array));
  if (at >= 0) {
    const found = reads(at);
    if (found === undefined || isSameCell(found)) return found;
    // windows across the seam of a shifted grid join the image's opposite borders
    if (from.space.roll[axis] !== 0) return undefined;
    return from.space.grid[axis] > 1 ? found : including(found, 0);
  }
  // rows and columns (or windows of them) share an axis: windows of one cell leave them apart
  const shared = from.space.axes.flatMap((a, i) => (holdsSpace(a) ? [i] : []));
  return shared.every((i) => isSameCell(reads(i))) ? SAME_CELL : undefined;
}

const isSameCell = (reads: Reads | undefined): boolean =>
  reads?.ratio === 1 && reads.first === 0 && reads.last === 0;

/** A single cell is all that there is to read, wherever the window stands. */
const including = (reads: Reads, cell: number): Reads => ({
  ...reads,
  first: Math.min(reads.first, cell),
  last: Math.max(reads.last, cell),
});

const alongAxis = ({ b, node, output, to }: WalkContext, from: Followed, axis: GridAxis, array: number) => ({
  b,
  node,
  output,
  axis: array,
  from: from.space.grid[axis],
  to: to.space.grid[axis],
});

/** The array axis that holds the grid's rows (or columns) and nothing else; -1 where there is none. */
const axisAlone = ({ axes, grid }: Space, axis: GridAxis): number =>
  axes.findIndex(([factor, ...others]) => {
    const isKind = factor?.of === (axis === 0 ? "row" : "column");
    return isKind && others.length === 0 && factor.step === 1 && factor.size === grid[axis];
  });

/** The same for maps of [N, C, rows, columns] with a single row or column, whose axis says nothing of itself. */
export function gridAxisOf(space: Space, axis: GridAxis): number {
  const found = axisAlone(space, axis);
  if (found >= 0 || space.grid[axis] > 1 || space.axes.length !== 4) return found;
  const other = axisAlone(space, axis === 0 ? 1 : 0);
  return other === 2 || other === 3 ? 5 - other : 2 + axis;
}

function throughReads(field: AxisField, { ratio, first, last }: Reads): AxisField {
  const [a, z] = [first * field.stride, last * field.stride];
  return {
    stride: field.stride * ratio,
    start: field.start + Math.min(a, z),
    end: field.end + Math.max(a, z),
    centre: field.centre + (a + z) / 2,
  };
}

const wholeImage = (field: AxisField): AxisField => ({
  ...field,
  start: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
});

/** The field of cells that divide what the input's cells cover, for want of anything better. */
function regridded(field: AxisField, from: Followed, to: Followed, axis: GridAxis): AxisField {
  const cells = from.space.grid[axis] / to.space.grid[axis];
  const middle = ((cells - 1) / 2) * field.stride;
  return { ...field, stride: field.stride * cells, centre: field.centre + middle };
}

const evenly = (pixels: number, cells: number): AxisField => {
  const stride = pixels / cells;
  return { stride, start: 0, end: stride - 1, centre: (stride - 1) / 2 };
};

/** Hull of the fields of paths that meet; should their strides differ, of all cells of the grid. */
function hullOf(fields: readonly AxisField[], cells: number): AxisField {
  const [{ stride }] = fields as readonly [AxisField];
  const spread = fields.flatMap((f) => {
    const drift = (cells - 1) * (f.stride - stride);
    return drift === 0 ? [f] : [f, { ...f, start: f.start + drift, end: f.end + drift }];
  });
  const start = Math.min(...spread.map((f) => f.start));
  const end = Math.max(...spread.map((f) => f.end));
  const finite = Number.isFinite(start) && Number.isFinite(end);
  const centres = fields.map((f) => f.centre);
  const centre = finite ? (start + end) / 2 : (Math.min(...centres) + Math.max(...centres)) / 2;
  return { stride, start, end, centre };
}
