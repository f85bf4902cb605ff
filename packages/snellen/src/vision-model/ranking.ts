// Classes by their scores.

/** Class indices, the highest score first; of equal scores the lower index first, as ONNX's TopK has it. */
export const ranking = (scores: Float32Array): number[] =>
  [...scores.keys()].sort((a, c) => (scores[c] as number) - (scores[a] as number) || a - c);
