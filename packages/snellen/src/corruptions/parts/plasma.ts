// Clouds: the plasma fractal by midpoint displacement, "diamond-square" (Fournier, Fussell & Carpenter 1982), on a torus.
// As ImageNet-C has it, whose displacements are as large as the square of the amplitude.

/** Amplitude of the first displacements, before it is squared; the map is normalized, so that only its decay matters. */
const FIRST_AMPLITUDE = 100;

/**
 * A map of `size * size` values, row-major, the least 0 and the largest 1, that continues at its borders on the other side.
 * @param size a power of two
 * @param decay what the amplitude is divided by whenever the squares are halved; the larger, the smoother
 * @param uniforms `size² - 1` independent uniform numbers in [0, 1)
 */
export function plasma(size: number, decay: number, uniforms: Float32Array): Float32Array {
  const map = new Float32Array(size * size);
  let amplitude = FIRST_AMPLITUDE;
  let used = 0;
  for (let step = size; step >= 2; step /= 2) {
    used = displace({ map, size, step, largest: amplitude ** 2, uniforms }, used);
    amplitude /= decay;
  }
  return normalized(map);
}

interface Level {
  readonly map: Float32Array;
  readonly size: number;
  /** Side of the squares whose corners are set. */
  readonly step: number;
  /** Displacements are uniform in [-largest, largest]. */
  readonly largest: number;
  readonly uniforms: Float32Array;
}

/**
 * Sets the centres of all squares, then the middles of their upper, then of their left sides, each from its four neighbours.
 * @param from the first uniform number to use
 * @returns the first that is left
 */
function displace(level: Level, from: number): number {
  const { size, step } = level;
  const half = step / 2;
  const row = (y: number) => (y & (size - 1)) * size;
  const each = size / step;
  let next = from;
  for (let y = 0; y < size; y += step, next += each)
    setCentres(level, next, row(y), row(y + half), row(y + step));
  for (let y = 0; y < size; y += step, next += each) {
    const corners = row(y);
    const [above, below] = [row(y - half) + half, row(y + half) + half];
    setSides(level, next, { at: corners + half, above, below, across: corners, ahead: step });
  }
  for (let y = 0; y < size; y += step, next += each) {
    const centres = row(y + half);
    const [above, below] = [row(y), row(y + step)];
    setSides(level, next, { at: centres, above, below, across: centres, ahead: half });
  }
  return next;
}

/** One row of centres, from corners in the rows above and below; rows by where they begin, uniform numbers from `from` on. */
function setCentres(
  { map, size, step, largest, uniforms }: Level,
  from: number,
  above: number,
  centre: number,
  below: number,
): void {
  const half = step / 2;
  let left = map[above]! + map[below]!;
  for (let x = 0, i = from; x < size; x += step, i++) {
    const next = (x + step) & (size - 1);
    const right = map[above + next]! + map[below + next]!;
    map[centre + half + x] = (left + right) / 4 + largest * (2 * uniforms[i]! - 1);
    left = right;
  }
}
/** Where a row of middles of sides and its neighbours begin. */
interface Sides {
  readonly at: number;
  readonly above: number;
  readonly below: number;
  /** The row of the neighbours to the left and to the right, the latter this far into it. */
  readonly across: number;
  readonly ahead: number;
}

function setSides(
  { map, size, step, largest, uniforms }: Level,
  from: number,
  { at, above, below, across, ahead }: Sides,
): void {
  const wrap = size - 1;
  let left = map[across + ((ahead - step) & wrap)]!;
  for (let x = 0, i = from; x < size; x += step, i++) {
    const right = map[across + ((x + ahead) & wrap)]!;
    const sum = left + right + map[above + x]! + map[below + x]!;
    map[at + x] = sum / 4 + largest * (2 * uniforms[i]! - 1);
    left = right;
  }
}

/** The same array, scaled to 0 … 1. */
function normalized(map: Float32Array): Float32Array {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < map.length; i++) {
    const value = map[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = 1 / (most - least);
  for (let i = 0; i < map.length; i++) map[i] = (map[i]! - least) * scale;
  return map;
}
