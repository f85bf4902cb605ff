// The classes that a network thinks of first, with their probabilities.
import type { DescribedModel } from "../../vision-model/describe.ts";
import { ranking } from "../../vision-model/ranking.ts";
import { probabilityOf } from "./probability.ts";

/** A class with its probability, 0 to 1. */
export interface TopClass {
  readonly classIndex: number;
  /** Its name, or `class <index>`. */
  readonly name: string;
  readonly probability: number;
}

/**
 * The classes of highest score with their probabilities.
 * @param logits scores of one image, one a class
 * @returns at most `count`, best first
 */
export const topClasses = (info: DescribedModel, logits: Float32Array, count: number): TopClass[] =>
  ranking(logits)
    .slice(0, count)
    .map((classIndex) => ({
      classIndex,
      name: info.labels.names?.[classIndex] ?? `class ${classIndex}`,
      probability: probabilityOf(info, logits, classIndex),
    }));
