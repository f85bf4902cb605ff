// How many images an audit of R needs to judge by it.

/** By chance, a pixel's gradient is positive in none of n images with probability 2^−n; of 16, in one pixel of 65,536. */
export const FEWEST_IMAGES = 16;
