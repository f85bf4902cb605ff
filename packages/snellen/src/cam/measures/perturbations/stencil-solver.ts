// Conjugate gradients, preconditioned by a multigrid V-cycle: about 15 iterations, whatever the size of the hole.
// Hestenes & Stiefel, 1952; preconditioned form as in Golub & Van Loan, "Matrix Computations".
import { levelsOf, vCycle } from "./multigrid.ts";
import { multiply, type Stencil } from "./stencil.ts";

const TOLERANCE = 1e-7;
/** Far more than are needed: a bound, so that rounding can never make it endless. */
const MAX_ITERATIONS = 200;

/** x with ‖right − A·x‖₂ at most 1e-7 · ‖right‖₂; `right` is zero where there is no unknown. */
export function solveStencil(stencil: Stencil, right: Float64Array): Float64Array {
  const levels = levelsOf(stencil);
  const x = new Float64Array(right.length);
  const r = right.slice();
  const Ap = new Float64Array(right.length);
  const wanted = TOLERANCE * Math.sqrt(dot(right, right));
  if (wanted === 0) return x;
  let z = vCycle(levels, r);
  const p = z.slice();
  let rz = dot(r, z);
  for (let k = 0; k < MAX_ITERATIONS && Math.sqrt(dot(r, r)) > wanted; k++) {
    multiply(stencil, p, Ap);
    const step = rz / dot(p, Ap);
    for (let i = 0; i < x.length; i++) {
      x[i] = (x[i] as number) + step * (p[i] as number);
      r[i] = (r[i] as number) - step * (Ap[i] as number);
    }
    z = vCycle(levels, r);
    const next = dot(r, z);
    for (let i = 0; i < p.length; i++) p[i] = (z[i] as number) + (next / rz) * (p[i] as number);
    rz = next;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
