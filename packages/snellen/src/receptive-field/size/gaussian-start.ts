// Where a Gaussian fit starts. Two views of R: quantiles of its row and column sums, which neither spikes nor checkerboards
// move, and the pixels above half of the maximum, which a broad base does not move. Derived here.
import type { FieldValues } from "./field-values.ts";
import { axisCurve, type Gaussian, NARROWEST } from "./gaussian-cells.ts";

/** @param sum of the values, above zero */
export function starts(field: FieldValues, sum: number): Gaussian[] {
  const broad = fromSums(field);
  const narrow = fromHalfMaximum(field);
  const alike = (narrow.sigmaX * narrow.sigmaY) / (broad.sigmaX * broad.sigmaY);
  const both = alike > 1 / SAME_AREA && alike < SAME_AREA ? [broad] : [broad, narrow];
  return both.map((shape) => ({ ...shape, amplitude: amplitudeOf(field, sum, shape) }));
}

/** Starts whose areas differ by less than this factor lead to the same place. */
const SAME_AREA = 2;

type Shape = Omit<Gaussian, "amplitude">;

function fromSums({ values, dims: [height, width] }: FieldValues): Shape {
  const [byColumn, byRow] = [new Float64Array(width), new Float64Array(height)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const v = values[y * width + x] as number;
      byColumn[x] = (byColumn[x] as number) + v;
      byRow[y] = (byRow[y] as number) + v;
    }
  const [x, y] = [fromProfile(byColumn), fromProfile(byRow)];
  return { sigmaX: x.sigma, sigmaY: y.sigma, centreX: x.centre, centreY: y.centre };
}

/** Of a normal distribution, the share below its mean − σ. */
const BELOW_ONE_SIGMA = 0.158655;
/** The lowest fifth of the sums is taken for background. */
const BACKGROUND = 0.2;

function fromProfile(sums: Float64Array): { centre: number; sigma: number } {
  const background = Float64Array.from(sums).sort()[Math.floor(BACKGROUND * sums.length)] as number;
  const above = sums.map((v) => Math.max(0, v - background));
  const mass = above.reduce((a, v) => a + v, 0);
  if (!(mass > 0)) return { centre: (sums.length - 1) / 2, sigma: sums.length / 4 };
  const at = (share: number): number => {
    let before = 0;
    for (let k = 0; k < above.length; k++) {
      const own = above[k] as number;
      if (own > 0 && before + own >= share * mass) return k - 0.5 + (share * mass - before) / own;
      before += own;
    }
    return above.length - 0.5;
  };
  const sigma = (at(1 - BELOW_ONE_SIGMA) - at(BELOW_ONE_SIGMA)) / 2;
  return { centre: at(0.5), sigma: Math.max(sigma, NARROWEST_START) };
}

/** A Gaussian is above half of its height on an ellipse of area 2π·ln 2·σx·σy. */
function fromHalfMaximum({ values, dims: [, width] }: FieldValues): Shape {
  let highest = 0;
  for (let i = 0; i < values.length; i++)
    if ((values[i] as number) > (values[highest] as number)) highest = i;
  const half = (values[highest] as number) / 2;
  let above = 0;
  for (const v of values) if (v > half) above++;
  const sigma = Math.max(Math.sqrt(above / (2 * Math.PI * Math.LN2)), NARROWEST_START);
  return {
    sigmaX: sigma,
    sigmaY: sigma,
    centreX: highest % width,
    centreY: Math.floor(highest / width),
  };
}

/** Twice what a fit may end at: the neighbours of the centre then see exp(−1/2σ²) = 4 % of it, which is a slope to follow. */
const NARROWEST_START = 2 * NARROWEST;

/** The amplitude that fits best for a given shape: a linear problem, Σ R·g / Σ g². */
function amplitudeOf({ values, dims: [height, width] }: FieldValues, sum: number, shape: Shape): number {
  const { value: gx } = axisCurve(width, 1, shape.centreX, shape.sigmaX);
  const { value: gy } = axisCurve(height, 1, shape.centreY, shape.sigmaY);
  let [dot, square] = [0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const g = (gx[x] as number) * (gy[y] as number);
      dot += ((values[y * width + x] as number) / sum) * g;
      square += g * g;
    }
  return (2 * Math.PI * shape.sigmaX * shape.sigmaY * dot) / square;
}
