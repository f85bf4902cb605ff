// γ and β by least squares: of vectors channel by channel, in closed form; of flattened patches so that E·patch changes least, from
// the normal equations. Derived here.
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import type { Affine } from "./prelayernorm.ts";

/** Sums over patches, one number a channel; n is normalized, t is what γ ⊙ n + β is to be. */
export interface ChannelSums {
  readonly count: number;
  readonly n: Float64Array;
  readonly nn: Float64Array;
  readonly t: Float64Array;
  readonly tt: Float64Array;
  readonly tn: Float64Array;
}

export interface Fit {
  readonly affine: Affine;
  /** Sum of squared errors that stays, and that of the target about its mean, over all channels and patches. */
  readonly residual: number;
  readonly total: number;
}

/** Share of a target's variance that is kept, at most 1; null of a target without any. */
export const r2Of = ({ residual, total }: Pick<Fit, "residual" | "total">): number | null =>
  total > 0 ? 1 - Math.max(0, residual) / total : null;

/** Below this share of the mean square, a variance is rounding. */
const ROUNDING = 1e-9;

/** The regression of t on n, each channel by itself; a channel in which n never changes has γ = 0. */
export function fitChannels({ count, n, nn, t, tt, tn }: ChannelSums): Fit {
  const [scale, bias] = [new Float64Array(n.length), new Float64Array(n.length)];
  let [residual, total] = [0, 0];
  for (let d = 0; d < n.length; d++) {
    const [meanN, meanT] = [at(n, d) / count, at(t, d) / count];
    const varianceN = at(nn, d) / count - meanN * meanN;
    const varianceT = Math.max(0, at(tt, d) / count - meanT * meanT);
    const covariance = at(tn, d) / count - meanN * meanT;
    scale[d] = varianceN > ROUNDING * (at(nn, d) / count) ? covariance / varianceN : 0;
    bias[d] = meanT - at(scale, d) * meanN;
    residual += Math.max(0, varianceT - at(scale, d) * covariance) * count;
    total += varianceT * count;
  }
  return { affine: { scale, bias }, residual, total };
}

/** Sums over patches of K elements each; matrices row by row. p is the patch, n the patch normalized. */
export interface PatchSums {
  readonly count: number;
  readonly n: Float64Array;
  readonly p: Float64Array;
  /** [K, K]: n·nᵀ and n·pᵀ. */
  readonly nn: Float64Array;
  readonly np: Float64Array;
  /** [K, K]: EᵀE, what a difference of patches weighs behind the projection. */
  readonly metric: Float64Array;
  /** Sum over patches of |E·(p − mean of p)|². */
  readonly total: number;
}

/** Ridge, in parts of the normal matrix's mean diagonal. */
const RIDGE = 1e-6;

/**
 * γ and β for which the sum of |E·(γ ⊙ n + β) − E·p|² is least. With β = mean p − γ ⊙ mean n the rest is A·γ = r, where
 * A = EᵀE ⊙ cov(n, n) and r is the sum by rows of EᵀE ⊙ cov(n, p). In directions that E does not see, or n does not take, γ stays at
 * the regression of p on n element by element: the ridge pulls there.
 */
export function fitPatches({ count, n, p, nn, np, metric, total }: PatchSums): Fit {
  const K = n.length;
  const A = new Matrix(K, K);
  const r = new Float64Array(K);
  const start = new Float64Array(K);
  for (let i = 0; i < K; i++) {
    for (let j = 0; j < K; j++) {
      const weight = symmetric(metric, i, j, K);
      A.set(i, j, weight * (symmetric(nn, i, j, K) - (at(n, i) * at(n, j)) / count));
      (r[i] as number) += weight * (at(np, i * K + j) - (at(n, i) * at(p, j)) / count);
    }
    const spread = at(nn, i * K + i) - at(n, i) ** 2 / count;
    const shared = at(np, i * K + i) - (at(n, i) * at(p, i)) / count;
    start[i] = spread > ROUNDING * at(nn, i * K + i) ? shared / spread : 0;
  }
  const scale = solveNear(A, r, start);
  const bias = scale.map((gamma, i) => (at(p, i) - gamma * at(n, i)) / count);
  const pushed = A.mmul(Matrix.columnVector(scale));
  const residual = scale.reduce((sum, gamma, i) => sum + gamma * (pushed.get(i, 0) - 2 * at(r, i)), total);
  return { affine: { scale, bias }, residual: Math.max(0, residual), total };
}

/** Products of matrices in single precision are symmetric up to rounding only. */
const symmetric = (matrix: Float64Array, i: number, j: number, size: number): number =>
  (at(matrix, i * size + j) + at(matrix, j * size + i)) / 2;

/** Solves A·x = r, near `start` where A is singular. */
function solveNear(A: Matrix, r: Float64Array, start: Float64Array): Float64Array {
  const K = r.length;
  const ridge = (RIDGE * A.trace()) / K;
  const missing = A.mmul(Matrix.columnVector(start))
    .to1DArray()
    .map((value, i) => at(r, i) - value);
  for (let strength = ridge; strength > 0 && Number.isFinite(strength); strength *= 10) {
    const cholesky = new CholeskyDecomposition(Matrix.add(A, Matrix.eye(K, K, strength)));
    if (!cholesky.isPositiveDefinite()) continue;
    const step = cholesky.solve(Matrix.columnVector(missing)).to1DArray();
    return start.map((value, i) => value + (step[i] as number));
  }
  return start;
}

const at = (values: Float64Array, i: number): number => values[i] as number;
