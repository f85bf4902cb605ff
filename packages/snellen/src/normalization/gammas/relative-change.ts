// How much scores changed, in the part of them that decides. Derived here.
import type { Tensor } from "onnxruntime-common";
import type { LogitsInfo } from "../../vision-model/logits.ts";

/** Scores [N, classes, positions] without their mean over the classes, where that means nothing. */
export function centredScores({ skipped }: LogitsInfo, { data, dims }: Tensor): Float32Array {
  const [images = 1, classes = 1, positions = 1] = dims;
  const scores = Float32Array.from(data as Float32Array);
  if (classes === 1 || skipped === "Sigmoid") return scores;
  for (let n = 0; n < images; n++) {
    for (let p = 0; p < positions; p++) {
      const at = (k: number): number => (n * classes + k) * positions + p;
      let mean = 0;
      for (let k = 0; k < classes; k++) mean += (scores[at(k)] as number) / classes;
      for (let k = 0; k < classes; k++) scores[at(k)] = (scores[at(k)] as number) - mean;
    }
  }
  return scores;
}

/** ‖after − before‖ / ‖before‖ over all parts; NaN where all scores before are 0. */
export function relativeChange(before: readonly Float32Array[], after: readonly Float32Array[]): number {
  let [moved, size] = [0, 0];
  before.forEach((scores, part) => {
    scores.forEach((score, i) => {
      moved += ((after[part]?.[i] ?? Number.NaN) - score) ** 2;
      size += score ** 2;
    });
  });
  return size === 0 ? Number.NaN : Math.sqrt(moved / size);
}
