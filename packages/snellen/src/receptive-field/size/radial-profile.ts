// How R falls off with the distance from the field's centre, and how far out its mass lies. Derived here; the same rings
// describe fields in Luo et al., "Understanding the effective receptive field", NIPS 2016, section 3.
import { type FieldValues, total } from "./field-values.ts";

/** Pixels whose distance rounds to `radius`. */
interface Ring {
  readonly radius: number;
  /** How many there are, fewer where the image ends. */
  readonly pixels: number;
  /** Mean of R over them. */
  readonly mean: number;
}

/** Plain data. */
export interface RadialProfile {
  /** [row, column] in pixels, from the centre of the first pixel. */
  readonly centre: readonly [number, number];
  readonly rings: readonly Ring[];
  /** The smallest radius within which (centres of pixels, ≤) at least this share of ΣR lies; null where ΣR is not above zero. */
  readonly holding: readonly { readonly share: number; readonly radius: number | null }[];
  /** Share of ΣR within a radius; null where ΣR is not above zero. */
  readonly within: readonly { readonly radius: number; readonly share: number | null }[];
}

interface RadialProfileOptions {
  /** Default: the middle of the image. */
  readonly centre?: readonly [row: number, column: number];
  /** Default 0.5, 0.9, 0.95, 0.99. */
  readonly shares?: readonly number[];
  /** Pixels; default none. */
  readonly radii?: readonly number[];
}

const SHARES = [0.5, 0.9, 0.95, 0.99];

/**
 * How R falls off from a centre: means over rings a pixel wide, radii that hold a share of ΣR, and shares within radii.
 * @param field R, [height, width]
 */
export function radialProfile(field: FieldValues, options: RadialProfileOptions = {}): RadialProfile {
  const { values, dims } = field;
  const centre = options.centre ?? ([(dims[0] - 1) / 2, (dims[1] - 1) / 2] as const);
  const distances = distancesFrom(centre, dims);
  const sum = total(values);
  const cumulative = massByDistance(values, distances);
  const holds = (share: number): number | null => {
    // rounding: the sum in another order may end a few digits below the whole
    const enough = share * (cumulative.mass.at(-1) as number);
    const i = cumulative.mass.findIndex((mass) => mass >= enough);
    return sum > 0 && i >= 0 ? (cumulative.distance[i] as number) : null;
  };
  const within = (radius: number): number | null => {
    if (!(sum > 0)) return null;
    let mass = 0;
    for (let i = 0; i < values.length; i++)
      if ((distances[i] as number) <= radius) mass += values[i] as number;
    return mass / sum;
  };
  return {
    centre,
    rings: ringsOf(values, distances),
    holding: (options.shares ?? SHARES).map((share) => ({ share, radius: holds(share) })),
    within: (options.radii ?? []).map((radius) => ({ radius, share: within(radius) })),
  };
}

function distancesFrom([row, column]: readonly [number, number], dims: readonly [number, number]) {
  const [height, width] = dims;
  const distances = new Float64Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) distances[y * width + x] = Math.sqrt((y - row) ** 2 + (x - column) ** 2);
  return distances;
}

/** Running sums from the centre outwards, one entry a distance that occurs. */
function massByDistance(values: Float64Array, distances: Float64Array) {
  const order = Uint32Array.from(values, (_, i) => i).sort(
    (a, b) => (distances[a] as number) - (distances[b] as number),
  );
  const [distance, mass]: [number[], number[]] = [[], []];
  let sum = 0;
  for (const i of order) {
    sum += values[i] as number;
    if (distances[i] !== distance.at(-1)) distance.push(distances[i] as number);
    mass[distance.length - 1] = sum;
  }
  return { distance, mass };
}

function ringsOf(values: Float64Array, distances: Float64Array): Ring[] {
  const [pixels, sums]: [number[], number[]] = [[], []];
  for (let i = 0; i < values.length; i++) {
    const radius = Math.round(distances[i] as number);
    pixels[radius] = (pixels[radius] ?? 0) + 1;
    sums[radius] = (sums[radius] ?? 0) + (values[i] as number);
  }
  // a ring around a centre outside of the image may have no pixels
  return Array.from(pixels, (count, radius) => ({ radius, pixels: count ?? 0, sum: sums[radius] ?? 0 }))
    .filter((ring) => ring.pixels > 0)
    .map(({ radius, pixels: count, sum }) => ({ radius, pixels: count, mean: sum / count }));
}
