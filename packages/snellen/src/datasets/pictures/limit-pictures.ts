// Fewer pictures of a set, drawn by a seed: as many of each class as there are, or as many as can be.
// Derived here.
import { UsageError } from "@snellen/graph";
import { shuffledByClass } from "./by-class.ts";
import { choosePictures } from "./chosen-pictures.ts";
import type { TrainingPictures } from "./training-pictures.ts";

/**
 * `count` pictures, balanced by class: numbers of two classes differ by more than one only where one class has no more. They
 * keep their order. A set that has no more pictures comes back as it is.
 * @param seed a 32-bit integer; equal seeds, equal pictures
 * @throws UsageError `bad-limit` for no whole number from 1
 */
export function limitPictures(pictures: TrainingPictures, count: number, seed: number): TrainingPictures {
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError("bad-limit", `expected a whole number from 1, got ${count}.`, { where: "--limit" });
  if (count >= pictures.count) return pictures;
  const classes = shuffledByClass(pictures, seed);
  const chosen: number[] = [];
  for (let round = 0; chosen.length < count; round++) {
    for (const members of classes) {
      const next = members[round];
      if (next !== undefined && chosen.length < count) chosen.push(next);
    }
  }
  return choosePictures(
    pictures,
    chosen.sort((a, b) => a - b),
  );
}
