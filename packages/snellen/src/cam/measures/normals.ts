// Normally distributed numbers from a seeded stream. Marsaglia & Bray, "A convenient method for generating normal variables",
// SIAM Review 6, 1964: the polar method.
import type { RandomStream } from "../../random.ts";

/** Draws of mean 0 and standard deviation 1; of each pair the second is kept for the next call. */
export function normals(stream: RandomStream): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const [u, v] = [stream.uniform(-1, 1), stream.uniform(-1, 1)];
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}
