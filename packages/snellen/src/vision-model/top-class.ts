/** Index of the highest score; of equal ones the first. @param scores at least one, all finite */
export const topClass = (scores: Float32Array): number =>
  scores.reduce((best, score, k) => (score > (scores[best] as number) ? k : best), 0);
