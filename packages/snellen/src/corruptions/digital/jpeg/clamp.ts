// Cutting integers off at 0 and 255 by a table: comparisons cost more, for where a picture is saturated they are hard to predict.

/** Add this to a number to look it up; the table holds all that an 8 × 8 block of bytes and steps up to 255 can come to. */
export const ZERO = 4096;

/** The byte for every integer from -4096 to 4095. */
export const clamp = Uint8Array.from({ length: 2 * ZERO }, (_, i) => Math.max(0, Math.min(255, i - ZERO)));
