// From numbers on the scale of 0 to 255 back to bytes, as NumPy's `clip(…, 0, 1) * 255` and `astype(uint8)` do it.

/** A guard against 127.99999999 where 128 is meant: the last digits of a sum are nobody's. */
const SLACK = 1e-6;

/** Cut off below 0 and above 255, then towards zero: ImageNet-C truncates and does not round. */
export const toByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : (value + SLACK) | 0);
