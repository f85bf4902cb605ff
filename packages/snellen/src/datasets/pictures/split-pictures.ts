// A set in two parts, drawn by a seed, each with its share of every class: for sets that have no test pictures of their own.
// Derived here; what scikit-learn calls a stratified split.
import { UsageError } from "@snellen/graph";
import { shuffledByClass } from "./by-class.ts";
import { choosePictures } from "./chosen-pictures.ts";
import type { TrainingPictures } from "./training-pictures.ts";

export interface SplitPictures {
  readonly train: TrainingPictures;
  readonly test: TrainingPictures;
}

/**
 * Puts `share` of each class aside as test pictures, rounded, but at least one and not all of a class that has several; the
 * only picture of a class is trained with. Both parts keep the pictures' order.
 * @param share above 0 and below 1
 * @param seed a 32-bit integer; equal seeds, equal parts
 * @throws UsageError `bad-split` for another share, or where no class has two pictures
 */
export function splitPictures(pictures: TrainingPictures, share: number, seed: number): SplitPictures {
  if (!(share > 0 && share < 1))
    throw new UsageError("bad-split", `expected a share above 0 and below 1, got ${share}.`, {
      where: pictures.name,
    });
  const aside = new Uint8Array(pictures.count);
  for (const members of shuffledByClass(pictures, seed)) {
    const most = members.length - 1;
    const taken = Math.min(most, Math.max(1, Math.round(share * members.length)));
    for (const index of members.slice(0, Math.max(0, taken))) aside[index] = 1;
  }
  const indices = Array.from(aside, (_, index) => index);
  const test = indices.filter((index) => aside[index] === 1);
  if (test.length === 0)
    throw new UsageError("bad-split", "no class has two pictures, of which one could be put aside.", {
      where: pictures.name,
    });
  const train = indices.filter((index) => aside[index] === 0);
  return { train: choosePictures(pictures, train), test: choosePictures(pictures, test) };
}
