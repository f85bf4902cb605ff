// Pillow's `Image.blend`, in single precision and cut off towards zero as there: what its ImageEnhance classes are made of.
// An amount beyond 1 leads away from `from`, which is how they enhance.

/** The byte at `from + amount · (to − from)`. */
export function blend(from: number, to: number, amount: number): number {
  const mixed = Math.fround(from + Math.fround(Math.fround(amount) * (to - from)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : mixed | 0;
}
