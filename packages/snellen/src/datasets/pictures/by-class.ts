// The pictures of each class, in an order of their own that a seed draws.
import { randomStream } from "../../random.ts";
import type { LabelledPictures } from "../../train/batch.ts";

/** Streams of other uses begin with other numbers. */
const STREAM = 7;

/** Per class the indices of its pictures, shuffled; empty for a class without any. */
export function shuffledByClass(pictures: LabelledPictures, seed: number): number[][] {
  const classes: number[][] = pictures.labels.map(() => []);
  for (let index = 0; index < pictures.count; index++) classes[pictures.classOf(index)]!.push(index);
  return classes.map((members, c) =>
    randomStream(STREAM, seed, c)
      .permutation(members.length)
      .map((i) => members[i]!),
  );
}
