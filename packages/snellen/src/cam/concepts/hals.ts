// Non-negative matrix factorization by hierarchical alternating least squares: each row of a factor is set to its best value
// with all others held, which never makes the error larger. Cichocki & Phan, IEICE Trans. Fundamentals E92-A, 2009, equations 25
// and 26; several passes over a factor for each product with the data: Gillis & Glineur, Neural Computation 24, 2012, section 4.
//
// The data V is kept as the network gives it, image by image [channels, cells]; the model of image n is V_n ≈ Σ_c h_c · w_nc.

export interface Factors {
  /** [images, components, cells]: how much of each concept is where. */
  readonly maps: Float64Array;
  /** [components, channels]: what each concept is. */
  readonly vectors: Float64Array;
}

export interface Size {
  readonly images: number;
  readonly channels: number;
  readonly cells: number;
  readonly components: number;
}

/** Passes over a factor's rows for one product with the data, which costs much more. */
const PASSES = 4;

/** Improves both factors in place. @returns the squared error Σ (V − W·H)² */
export function sweep(values: Float32Array, norm: number, size: Size, { maps, vectors }: Factors): number {
  const { images, channels, cells, components } = size;
  const gram = products(vectors, vectors, components, channels);
  const length = components * cells;
  for (let n = 0; n < images; n++) {
    const own = maps.subarray(n * length, (n + 1) * length);
    const block = values.subarray(n * channels * cells, (n + 1) * channels * cells);
    improve(own, projections(block, vectors, size), gram, components, cells);
  }
  const wanted = new Float64Array(components * channels);
  const overlaps = new Float64Array(components * components);
  for (let n = 0; n < images; n++) {
    const own = maps.subarray(n * length, (n + 1) * length);
    addCorrelations(wanted, values.subarray(n * channels * cells, (n + 1) * channels * cells), own, size);
    products(own, own, components, cells, overlaps);
  }
  improve(vectors, wanted, overlaps, components, channels);
  const left = products(vectors, vectors, components, channels);
  const common = wanted.reduce((sum, v, i) => sum + v * (vectors[i] as number), 0);
  return Math.max(0, norm - 2 * common + overlaps.reduce((sum, v, i) => sum + v * (left[i] as number), 0));
}

/**
 * Rows of a factor, each at its best with the others held: x_c ← max(0, x_c + (b_c − Σ_j g_cj · x_j) / g_cc).
 * @param wanted the data's products with the other factor's rows, of the factor's shape
 * @param gram the other factor's products with itself
 */
function improve(
  factor: Float64Array,
  wanted: Float64Array,
  gram: Float64Array,
  rows: number,
  length: number,
): void {
  const step = new Float64Array(length);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let c = 0; c < rows; c++) {
      const own = gram[c * rows + c] as number;
      if (own === 0) continue;
      step.set(wanted.subarray(c * length, (c + 1) * length));
      for (let j = 0; j < rows; j++) {
        const g = gram[c * rows + j] as number;
        if (g === 0) continue;
        const from = j * length;
        for (let i = 0; i < length; i++) step[i] = (step[i] as number) - g * (factor[from + i] as number);
      }
      const at = c * length;
      for (let i = 0; i < length; i++)
        factor[at + i] = Math.max(0, (factor[at + i] as number) + (step[i] as number) / own);
    }
  }
}

/** H·V_n: how far each cell's features go along each vector, [components, cells]. */
export function projections(block: Float32Array, vectors: Float64Array, size: Size): Float64Array {
  const { channels, cells, components } = size;
  const found = new Float64Array(components * cells);
  for (let k = 0; k < channels; k++) {
    for (let c = 0; c < components; c++) {
      const h = vectors[c * channels + k] as number;
      if (h === 0) continue;
      const [to, from] = [c * cells, k * cells];
      for (let i = 0; i < cells; i++)
        found[to + i] = (found[to + i] as number) + h * (block[from + i] as number);
    }
  }
  return found;
}

/** Adds W_n·V_nᵀ, [components, channels]. */
function addCorrelations(sum: Float64Array, block: Float32Array, maps: Float64Array, size: Size): void {
  const { channels, cells, components } = size;
  for (let k = 0; k < channels; k++) {
    for (let c = 0; c < components; c++) {
      const [a, b] = [c * cells, k * cells];
      let dot = 0;
      for (let i = 0; i < cells; i++) dot += (maps[a + i] as number) * (block[b + i] as number);
      sum[c * channels + k] = (sum[c * channels + k] as number) + dot;
    }
  }
}

/** Adds the products of all rows of two matrices to a square one. */
function products(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  length: number,
  sum = new Float64Array(rows * rows),
): Float64Array {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let dot = 0;
      for (let k = 0; k < length; k++) dot += (a[i * length + k] as number) * (b[j * length + k] as number);
      sum[i * rows + j] = (sum[i * rows + j] as number) + dot;
    }
  }
  return sum;
}
