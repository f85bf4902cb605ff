// A Gaussian of two axes as the curve that is fitted, over pixels or over blocks of them. It is a product of a function of x
// and one of y, and so are its sums over blocks: a fit over blocks compares sums with sums, and has no error from averaging.
import type { FieldValues } from "./field-values.ts";

/** amplitude · exp(−(x − centreX)²/2σx² − (y − centreY)²/2σy²) / (2π·σx·σy); x counts columns, y rows, from pixel centres. */
export interface Gaussian {
  /** Pixels. */
  readonly sigmaX: number;
  /** Pixels. */
  readonly sigmaY: number;
  /** Column, 0 is the centre of the first. */
  readonly centreX: number;
  /** Row, 0 is the centre of the first. */
  readonly centreY: number;
  /** What the Gaussian sums to over an endless image; R itself sums to 1. */
  readonly amplitude: number;
}

/** σ, pixels. Below, not even the neighbours of the centre are reached (exp(−1/2σ²) < 4e-6), and any σ fits as well. */
export const NARROWEST = 0.2;

/** R / ΣR in blocks. Each is the block's sum / √(its pixels), so that squares add up as those of the pixels do. */
export interface Cells {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** Side of a block in pixels; those at the right and bottom may be smaller. */
  readonly block: number;
  /** [height, width] in pixels. */
  readonly dims: readonly [number, number];
}

export function cellsOf({ values, dims }: FieldValues, sum: number, block: number): Cells {
  const [height, width] = dims;
  const [rows, columns] = [Math.ceil(height / block), Math.ceil(width / block)];
  const cells = new Float64Array(rows * columns);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = Math.floor(y / block) * columns + Math.floor(x / block);
      cells[cell] = (cells[cell] as number) + (values[y * width + x] as number) / sum;
    }
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const pixels = Math.min(block, height - row * block) * Math.min(block, width - column * block);
      cells[row * columns + column] = (cells[row * columns + column] as number) / Math.sqrt(pixels);
    }
  return { values: cells, rows, columns, block, dims };
}

/** One axis: exp(−(k − centre)²/2σ²), and its derivatives by the centre and by σ, summed over blocks as cells are. */
interface AxisCurve {
  readonly value: Float64Array;
  readonly byCentre: Float64Array;
  readonly bySigma: Float64Array;
}

export function axisCurve(size: number, block: number, centre: number, sigma: number): AxisCurve {
  const cells = Math.ceil(size / block);
  const [value, byCentre, bySigma] = [
    new Float64Array(cells),
    new Float64Array(cells),
    new Float64Array(cells),
  ];
  for (let cell = 0; cell < cells; cell++) {
    const end = Math.min(size, (cell + 1) * block);
    const scale = 1 / Math.sqrt(end - cell * block);
    let [sum, sumByCentre, sumBySigma] = [0, 0, 0];
    for (let k = cell * block; k < end; k++) {
      const z = (k - centre) / sigma;
      const g = scale * Math.exp((-z * z) / 2);
      sum += g;
      sumByCentre += (g * z) / sigma;
      sumBySigma += (g * z * z) / sigma;
    }
    value[cell] = sum;
    byCentre[cell] = sumByCentre;
    bySigma[cell] = sumBySigma;
  }
  return { value, byCentre, bySigma };
}
