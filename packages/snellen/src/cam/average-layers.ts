// Cells of several layers as one grid, the finest of theirs: each cell's value is split over the cells that it covers, so
// that sums stay, and the layers are averaged. Derived here.
import { floatTensor, type GraphBuilder } from "@snellen/graph";

/** One axis: row j holds the share of coarse cell j that goes to each fine cell; rows sum to one. [coarse, fine]. */
function splitMatrix(coarse: number, fine: number): Float32Array {
  const shares = new Float32Array(coarse * fine);
  for (let j = 0; j < coarse; j++) {
    for (let x = 0; x < fine; x++) {
      // in units of 1/(coarse·fine): cell j is [j·fine, (j+1)·fine), fine cell x is [x·coarse, (x+1)·coarse)
      const overlap = Math.min((j + 1) * fine, (x + 1) * coarse) - Math.max(j * fine, x * coarse);
      shares[j * fine + x] = Math.max(0, overlap) / fine;
    }
  }
  return shares;
}

/** Mean of several cells [N, h_l, w_l] on the finest grid. */
export function averageCells(b: GraphBuilder, cells: readonly string[]): string {
  const grids = cells.map((value) => b.dims(value).slice(1) as [number, number]);
  const finest = [0, 1].map((axis) => Math.max(...grids.map((grid) => grid[axis] as number))) as [
    number,
    number,
  ];
  return mean(
    b,
    cells.map((value) => split(b, value, finest)),
  );
}

/** Mean of values of one shape. */
export function mean(b: GraphBuilder, values: readonly string[]): string {
  const sum = values.reduce((a, c) => b.op("Add", [a, c]));
  return values.length === 1 ? sum : b.op("Mul", [sum, b.scalar(1 / values.length)]);
}

function split(b: GraphBuilder, cells: string, [rows, columns]: readonly [number, number]): string {
  const [h, w] = b.dims(cells).slice(1) as [number, number];
  const matrix = (coarse: number, fine: number) =>
    b.tensor(floatTensor([coarse, fine], splitMatrix(coarse, fine)), "split");
  const wide = w === columns ? cells : b.op("MatMul", [cells, matrix(w, columns)]);
  if (h === rows) return wide;
  return b.op("MatMul", [b.op("Transpose", [matrix(h, rows)], { perm: [1, 0] }), wide]);
}
