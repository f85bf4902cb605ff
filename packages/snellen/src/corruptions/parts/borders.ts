// Where a sample beyond the border is read, in the vocabulary of SciPy and OpenCV.
// nearest: a a | a b c d | d d. reflect: b a | a b c d | d c. reflect101: c b | a b c d | c b.

export type Border = "nearest" | "reflect" | "reflect101";

/** The index in 0 … size-1 that stands for `index`, however far outside. */
export function borderIndex(border: Border, index: number, size: number): number {
  if (index >= 0 && index < size) return index;
  return OUTSIDE[border](index, size);
}

const OUTSIDE: Readonly<Record<Border, (index: number, size: number) => number>> = {
  nearest: (index, size) => (index < 0 ? 0 : size - 1),
  reflect(index, size) {
    const at = modulo(index, 2 * size);
    return at < size ? at : 2 * size - 1 - at;
  },
  reflect101(index, size) {
    if (size === 1) return 0;
    const at = modulo(index, 2 * size - 2);
    return at < size ? at : 2 * size - 2 - at;
  },
};

const modulo = (index: number, period: number): number => ((index % period) + period) % period;
