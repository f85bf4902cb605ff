// How evenly a sliding window reads the cells under it, far from the borders.
// Kim et al., arXiv:2108.13576 (odd kernels with even strides); the counts are derived here.
import type { Window } from "./window-along.ts";

/**
 * How many of a window's places lie on a cell, by the cell's position modulo the stride: [1, 2] for a kernel of 3 with stride 2
 * and padding 1.
 */
export function coverageOf({ kernel, stride, dilation, pad }: Window): readonly number[] {
  const counts = new Array<number>(stride).fill(0);
  for (let place = 0; place < kernel; place++) {
    const phase = (((place * dilation - pad) % stride) + stride) % stride;
    counts[phase] = (counts[phase] as number) + 1;
  }
  return counts;
}

/** Whether all positions are read equally often. */
export const isEven = (counts: readonly number[]): boolean => counts.every((n) => n === counts[0]);

/** The cause that a kernel one longer may mend: 2 divides the stride and not the kernel. */
export const isOdd = ({ kernel, stride }: Pick<Window, "kernel" | "stride">): boolean =>
  kernel % 2 === 1 && stride % 2 === 0;
