// The size test of an effective receptive field: a Gaussian fitted to R / ΣR by least squares.
// Kim et al., "Dead Pixel Test Using Effective Receptive Field", arXiv:2108.13576, section 3; Levenberg–Marquardt.
import { InternalError } from "@snellen/graph";
import { type FieldValues, total } from "./field-values.ts";
import { axisCurve, type Cells, cellsOf, type Gaussian, NARROWEST } from "./gaussian-cells.ts";
import { starts } from "./gaussian-start.ts";
import { type Problem, settle } from "./settle.ts";

/** Values of a fit, and how much of R they explain. */
interface FittedGaussian extends Gaussian {
  /** 1 − variance of the residual / variance of R. */
  readonly r2: number;
}

/** Where `converged` is false, `reason` says why in words, and the values are those reached, where there are any. */
export type GaussianFit =
  | ({ readonly converged: true; readonly reason?: undefined } & FittedGaussian)
  | ({ readonly converged: false; readonly reason: string } & Partial<FittedGaussian>);

interface GaussianFitOptions {
  /** Where to start; by default where R's sums and its half maximum point, whichever leads to less error. */
  readonly start?: Gaussian;
  /** Most steps from a start. Default 100. */
  readonly maxSteps?: number;
}

/** Half. Derived here. */
const MOST = 0.5;

/**
 * Why a Gaussian's widths are not the field's, though it fits best: it holds less than half of ΣR, as one on a spike does whose
 * field is elsewhere. Noise, which lowers R², is no reason. Undefined where they are.
 */
export const whyNoWidth = (fit: GaussianFit): string | undefined =>
  !fit.converged
    ? fit.reason
    : fit.amplitude < MOST
      ? `the Gaussian that fits best (σ ${fit.sigmaX.toFixed(1)} x ${fit.sigmaY.toFixed(1)} px) holds only ${Math.round(100 * fit.amplitude)} % of R.`
      : undefined;

/**
 * The Gaussian of least squares to R / ΣR.
 *
 * Maps of more than 256 × 256 pixels are fitted over blocks of pixels, where σ spans four blocks; sums of R are then compared
 * with sums of the Gaussian, so that σ is not widened by the blocks (within 0.2 % of the fit over pixels; see the test).
 *
 * @param field R, [height, width]; any numbers: what cannot be fitted is a reason, not an exception
 * @throws InternalError if there are not height × width values
 */
export function fitGaussian(field: FieldValues, options: GaussianFitOptions = {}): GaussianFit {
  const [height, width] = field.dims;
  if (field.values.length !== height * width)
    throw new InternalError(`R has ${field.values.length} values for ${height}x${width} pixels.`);
  const sum = total(field.values);
  const unfit = whyUnfit(field, sum);
  if (unfit !== undefined) return { converged: false, reason: unfit };

  const maxSteps = options.maxSteps ?? 100;
  const begins = options.start === undefined ? starts(field, sum) : [options.start];
  const { gaussian, r2, isSettled } = leastSquares(field, sum, begins, maxSteps);
  const fitted = { ...gaussian, r2 };
  const reason = whyNoField(fitted, field.dims) ?? (isSettled ? undefined : ranOut(maxSteps));
  return reason === undefined ? { converged: true, ...fitted } : { converged: false, reason, ...fitted };
}

const FEWEST_PER_AXIS = 3;

function whyUnfit({ values, dims: [height, width] }: FieldValues, sum: number): string | undefined {
  if (Math.min(height, width) < FEWEST_PER_AXIS)
    return `R has only ${height}x${width} pixels; a Gaussian needs ${FEWEST_PER_AXIS} each way.`;
  if (!values.every(Number.isFinite)) return "R has values that are not finite numbers.";
  if (!(sum > 0) || !Number.isFinite(sum))
    return values.every((v) => v === 0) ? "R is zero everywhere." : `R sums to ${sum}.`;
  if (values.every((v) => v === values[0])) return "R is the same everywhere.";
  return undefined;
}

function whyNoField(
  { sigmaX, sigmaY, amplitude, r2 }: FittedGaussian,
  [height, width]: readonly [number, number],
): string | undefined {
  if (![sigmaX, sigmaY, amplitude, r2].every(Number.isFinite)) return "the fit ran off to infinity.";
  if (amplitude <= 0) return "the Gaussian that fits best is not positive.";
  if (Math.min(sigmaX, sigmaY) < NARROWEST)
    return "the Gaussian that fits best is narrower than a pixel, so that its size is undetermined.";
  if (sigmaX > width || sigmaY > height)
    return "the Gaussian that fits best is wider than the image: R has no size that the image could show.";
  return undefined;
}

const ranOut = (steps: number): string => `the fit did not settle in ${steps} steps.`;

interface Found {
  readonly gaussian: Gaussian;
  readonly r2: number;
  readonly isSettled: boolean;
  readonly steps: number;
  /** Whether nothing was left out that pulls at it, and blocks were fine enough. */
  readonly isExact: boolean;
}

/** Steps that a second start gets: at a lonely spike, a fit may creep for hundreds. */
const RIVAL_STEPS = 15;

/** Fits over the whole image from the first start; the others only compete where their Gaussian is. */
function leastSquares(
  field: FieldValues,
  sum: number,
  [first, ...rivals]: readonly Gaussian[],
  maxSteps: number,
): Found {
  const whole: Area = { top: 0, left: 0, bottom: field.dims[0], right: field.dims[1] };
  let best = fitWithin(field, sum, whole, first as Gaussian, maxSteps);
  for (const start of rivals) {
    const found = fitWithin(
      field,
      sum,
      areaOf(start, NEAR, field.dims),
      start,
      Math.min(RIVAL_STEPS, maxSteps),
    );
    if (found.r2 > best.r2) best = found;
  }
  let { steps } = best;
  const isDone = ({ isSettled, isExact, gaussian, r2 }: Found): boolean =>
    (isSettled && isExact) || whyNoField({ ...gaussian, r2 }, field.dims) !== undefined;
  while (steps < maxSteps && !isDone(best)) {
    const area = areaOf(best.gaussian, NEAR, field.dims);
    best = fitWithin(field, sum, area, best.gaussian, maxSteps - steps);
    steps += best.steps;
  }
  return best;
}

/** Rows top … bottom − 1, columns left … right − 1. */
interface Area {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** σ; pixels farther off see less than exp(−32) of the Gaussian's height, and pull at nothing. */
const NEAR = 8;
/** σ that must have been within the area. */
const SEEN = 6;

function areaOf(g: Gaussian, sigmas: number, [height, width]: readonly [number, number]): Area {
  const range = (centre: number, sigma: number, size: number): [number, number] => {
    const inside = Math.min(Math.max(centre, 0), size - 1);
    return [
      Math.max(0, Math.floor(inside - sigmas * sigma)),
      Math.min(size, Math.ceil(inside + sigmas * sigma) + 1),
    ];
  };
  const [left, right] = range(g.centreX, g.sigmaX, width);
  const [top, bottom] = range(g.centreY, g.sigmaY, height);
  return { top, left, bottom, right };
}

const covers = (area: Area, other: Area): boolean =>
  area.top <= other.top &&
  area.left <= other.left &&
  area.bottom >= other.bottom &&
  area.right >= other.right;

const MOST_CELLS = 256 * 256;
/** Blocks that σ must span, for a fit over blocks to be as good as one over pixels. */
const FINE_SIGMA = 4;

function fitWithin(field: FieldValues, sum: number, area: Area, start: Gaussian, steps: number): Found {
  const own = cropped(field, area);
  const block = Math.ceil(Math.sqrt(own.values.length / MOST_CELLS));
  const moved = (g: Gaussian, side: number): Gaussian => ({
    ...g,
    centreX: g.centreX + side * area.left,
    centreY: g.centreY + side * area.top,
  });
  const { problem, gaussianOf } = scaled(cellsOf(own, sum, block), moved(start, -1));
  const settled = settle(problem, [1, 0, 0, 1, 1], steps);
  const gaussian = moved(gaussianOf(settled.parameters), 1);
  return {
    gaussian,
    r2: explained(field, sum, gaussian),
    isSettled: settled.isSettled,
    steps: settled.steps,
    isExact:
      covers(area, areaOf(gaussian, SEEN, field.dims)) &&
      (block === 1 || Math.min(gaussian.sigmaX, gaussian.sigmaY) >= FINE_SIGMA * block),
  };
}

function cropped({ values, dims: [, width] }: FieldValues, { top, left, bottom, right }: Area): FieldValues {
  const columns = right - left;
  const own = new Float64Array((bottom - top) * columns);
  for (let y = top; y < bottom; y++)
    own.set(values.subarray(y * width + left, y * width + right), (y - top) * columns);
  return { values: own, dims: [bottom - top, columns] };
}

/** The fit in units of its start: height, shift in σ, σ; and cells so that squared derivatives sum to about 1. */
function scaled({ values, columns, block, dims: [height, width] }: Cells, start: Gaussian) {
  const peak = start.amplitude / (2 * Math.PI * start.sigmaX * start.sigmaY);
  const unit = Math.abs(peak) * Math.sqrt(Math.PI * start.sigmaX * start.sigmaY) || 1;
  const sizeOf = ([, dx, dy, sx, sy]: readonly number[]) => ({
    sigmaX: start.sigmaX * (sx as number),
    sigmaY: start.sigmaY * (sy as number),
    centreX: start.centreX + start.sigmaX * (dx as number),
    centreY: start.centreY + start.sigmaY * (dy as number),
  });
  const curves = (p: readonly number[]) => {
    const { sigmaX, sigmaY, centreX, centreY } = sizeOf(p);
    return {
      x: axisCurve(width, block, centreX, sigmaX),
      y: axisCurve(height, block, centreY, sigmaY),
      top: (peak * (p[0] as number)) / unit,
    };
  };
  const at = (curve: Float64Array, cell: number): number => curve[cell] as number;
  const problem: Problem = {
    y: values.map((v) => v / unit),
    curve: (p) => {
      const { x, y, top } = curves(p);
      return (i) => top * at(x.value, i % columns) * at(y.value, Math.floor(i / columns));
    },
    derivatives: (p) => {
      const { x, y, top } = curves(p);
      const own = [0, 0, 0, 0, 0];
      return (i) => {
        const [column, row] = [i % columns, Math.floor(i / columns)];
        const [gx, gy] = [at(x.value, column), at(y.value, row)];
        own[0] = (peak / unit) * gx * gy;
        own[1] = top * start.sigmaX * at(x.byCentre, column) * gy;
        own[2] = top * start.sigmaY * gx * at(y.byCentre, row);
        own[3] = top * start.sigmaX * at(x.bySigma, column) * gy;
        own[4] = top * start.sigmaY * gx * at(y.bySigma, row);
        return own;
      };
    },
    ...bounds(start, [height, width]),
  };
  const gaussianOf = (p: readonly number[]): Gaussian => {
    const size = sizeOf(p);
    return {
      ...size,
      amplitude: peak * (p[0] as number) * 2 * Math.PI * size.sigmaX * size.sigmaY,
    };
  };
  return { problem, gaussianOf };
}

/** σ stays where exp can still be told from 0 and 1, the centre near the image; results at these bounds are refused. */
function bounds(start: Gaussian, [height, width]: readonly [number, number]) {
  const [least, most] = [NARROWEST / 4, 100];
  const far = (size: number, centre: number, sigma: number, side: number) =>
    (side < 0 ? -size - centre : 2 * size - centre) / sigma;
  const infinite = Number.MAX_VALUE;
  return {
    lowest: [
      -infinite,
      far(width, start.centreX, start.sigmaX, -1),
      far(height, start.centreY, start.sigmaY, -1),
      least / start.sigmaX,
      least / start.sigmaY,
    ],
    highest: [
      infinite,
      far(width, start.centreX, start.sigmaX, 1),
      far(height, start.centreY, start.sigmaY, 1),
      (most * width) / start.sigmaX,
      (most * height) / start.sigmaY,
    ],
  };
}

function explained({ values, dims: [height, width] }: FieldValues, sum: number, fit: Gaussian): number {
  const x = axisCurve(width, 1, fit.centreX, fit.sigmaX).value;
  const y = axisCurve(height, 1, fit.centreY, fit.sigmaY).value;
  const top = fit.amplitude / (2 * Math.PI * fit.sigmaX * fit.sigmaY);
  const residual = values.map(
    (v, i) => v / sum - top * (x[i % width] as number) * (y[Math.floor(i / width)] as number),
  );
  return 1 - variance(residual) / variance(values.map((v) => v / sum));
}

function variance(values: Float64Array): number {
  const mean = total(values) / values.length;
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
}
