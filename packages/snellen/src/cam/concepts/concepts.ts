// Deep Feature Factorization: concepts that a set of images shares, as a few non-negative vectors of features and where in the
// images each of them is. Collins, Achanta & Süsstrunk, "Deep feature factorization for concept discovery", ECCV 2018,
// arXiv:1806.10206, section 3: V ≈ W·H over the positions of all images at once.
import { ModelError, UsageError } from "@snellen/graph";
import { randomStream } from "../../random.ts";
import { type Factors, projections, type Size, sweep } from "./hals.ts";

/** Features of some images, [N, K, h, w]. */
export interface Features {
  readonly dims: readonly [images: number, channels: number, rows: number, columns: number];
  /** Not below zero. */
  readonly values: Float32Array;
}

/** Non-negative factors of features, V ≈ W·H: W in `maps`, H in `vectors` (Collins et al., arXiv:1806.10206, section 3). */
export interface Factorization {
  /** [N, components, h, w]: the length of each position's features along each concept. Most of the data first. */
  readonly maps: Float32Array;
  /** [components, K], of length one. */
  readonly vectors: Float32Array;
  /** Σ V² that each concept accounts for, as a share of the whole; together what the model explains. */
  readonly shares: readonly number[];
  /** |V − W·H| / |V|. */
  readonly error: number;
  /** Σ (V − W·H)² after each sweep; never grows. */
  readonly losses: readonly number[];
}

export interface FactorizeOptions {
  readonly components: number;
  /** Of the draws that the search starts from; default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with the share done of the most that may be needed, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

const MOST_SWEEPS = 200;

/** The search ends when a sweep takes less than this share off the squared error. */
const LEAST_GAIN = 1e-5;

/** Others run after this long, so that a signal can arrive and a page stays alive. */
const BREATH_MS = 30;

/** An error below this share of the data is none within float32 precision. */
const EXACT = 1e-12;

/**
 * Factorizes features over all positions of all images at once. The same seed gives the same answer.
 * @throws UsageError `bad-components`; ModelError `no-features` where all are zero; the signal's reason
 */
export async function factorize(
  { dims, values }: Features,
  { components, seed = 0, signal, onProgress }: FactorizeOptions,
): Promise<Factorization> {
  const [images, channels, rows, columns] = dims;
  const size: Size = { images, channels, cells: rows * columns, components };
  requireComponents(components, channels, images * size.cells);
  let norm = 0;
  for (const v of values) norm += v * v;
  if (norm === 0) {
    throw new ModelError("no-features", "the layer's features are nowhere above zero.", {
      where: "--layer",
      hint: "Choose another: snellen inspect <model> --layers.",
    });
  }
  const factors = start(values, size, seed);
  const losses: number[] = [];
  let rested = performance.now();
  for (let i = 0; i < MOST_SWEEPS; i++) {
    if (performance.now() - rested > BREATH_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      rested = performance.now();
    }
    signal?.throwIfAborted();
    const before = losses.at(-1) ?? Number.POSITIVE_INFINITY;
    const now = sweep(values, norm, size, factors);
    losses.push(now);
    onProgress?.((i + 1) / MOST_SWEEPS);
    if (now < EXACT * norm || before - now < LEAST_GAIN * before) break;
  }
  return {
    ...ordered(values, norm, size, factors),
    losses,
    error: Math.sqrt((losses.at(-1) ?? norm) / norm),
  };
}

/** @throws UsageError `bad-components` for more than channels or positions, or less than one */
export function requireComponents(
  components: number,
  channels: number,
  positions = Number.POSITIVE_INFINITY,
): void {
  const most = Math.min(channels, positions);
  if (Number.isInteger(components) && components >= 1 && components <= most) return;
  const what = most === channels ? `${channels} channels` : `${most} positions of all images`;
  throw new UsageError("bad-components", `expected 1 to ${most}, got ${components}: the layer has ${what}.`, {
    where: "--components",
    hint: `Write --components ${Math.min(5, most)}.`,
  });
}

/**
 * Vectors to start from: features of positions, each drawn with a probability that grows with how far it is from those before,
 * by angle. Arthur & Vassilvitskii, "k-means++", SODA 2007, for rays instead of points (derived here).
 */
function start(values: Float32Array, size: Size, seed: number): Factors {
  const { images, channels, cells, components } = size;
  const random = randomStream(seed);
  const vectors = new Float64Array(components * channels);
  const lengths = new Float64Array(images * cells);
  forEachValue(values, size, (at, _, v) => {
    lengths[at] = (lengths[at] as number) + v * v;
  });
  const left = Float64Array.from(lengths);
  for (let c = 0; c < components; c++) {
    const at = draw(left, random.uniform(0, 1));
    const vector = vectors.subarray(c * channels, (c + 1) * channels);
    const [n, i, length] = [Math.floor(at / cells), at % cells, Math.sqrt(lengths[at] as number)];
    for (let k = 0; k < channels; k++)
      vector[k] = (values[(n * channels + k) * cells + i] as number) / (length || 1);
    for (let m = 0; m < images; m++) {
      const block = values.subarray(m * channels * cells, (m + 1) * channels * cells);
      projections(block, vector, { ...size, components: 1 }).forEach((along, j) => {
        const p = m * cells + j;
        left[p] = Math.max(0, Math.min(left[p] as number, (lengths[p] as number) - along * along));
      });
    }
  }
  return { vectors, maps: new Float64Array(images * components * cells) };
}

/** Calls `visit` with position, channel and value. */
function forEachValue(
  values: Float32Array,
  { images, channels, cells }: Size,
  visit: (position: number, channel: number, value: number) => void,
): void {
  let at = 0;
  for (let n = 0; n < images; n++)
    for (let k = 0; k < channels; k++)
      for (let i = 0; i < cells; i++) visit(n * cells + i, k, values[at++] as number);
}

/** An index drawn in proportion to the weights; the last that has one where rounding leaves none. */
function draw(weights: Float64Array, share: number): number {
  let rest = share * weights.reduce((a, v) => a + v, 0);
  let last = 0;
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = i;
    rest -= weight;
    if (rest < 0) break;
  }
  return last;
}

/** Vectors of length one, those first that account for most. */
function ordered(values: Float32Array, norm: number, size: Size, { maps, vectors }: Factors) {
  const { images, channels, cells, components } = size;
  const lengths = Array.from({ length: components }, (_, c) =>
    Math.sqrt(vectors.subarray(c * channels, (c + 1) * channels).reduce((sum, v) => sum + v * v, 0)),
  );
  const shares = new Float64Array(components);
  for (let n = 0; n < images; n++) {
    const block = values.subarray(n * channels * cells, (n + 1) * channels * cells);
    projections(block, vectors, size).forEach((along, i) => {
      const c = Math.floor(i / cells);
      shares[c] = (shares[c] as number) + (along * (maps[n * components * cells + i] as number)) / norm;
    });
  }
  const order = [...shares.keys()].sort((a, b) => (shares[b] as number) - (shares[a] as number));
  const found = {
    maps: new Float32Array(maps.length),
    vectors: new Float32Array(vectors.length),
    shares: order.map((c) => shares[c] as number),
  };
  for (const [to, from] of order.entries()) {
    const length = lengths[from] as number;
    for (let k = 0; k < channels; k++)
      found.vectors[to * channels + k] = (vectors[from * channels + k] as number) / (length || 1);
    for (let n = 0; n < images; n++)
      for (let i = 0; i < cells; i++)
        found.maps[(n * components + to) * cells + i] =
          (maps[(n * components + from) * cells + i] as number) * length;
  }
  return found;
}
