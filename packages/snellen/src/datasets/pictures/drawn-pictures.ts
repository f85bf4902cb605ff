// Pictures that are drawn whenever they are asked for: samples `first` … `first + count - 1` of the endless set of a seed.
// Derived here. Training and test pictures are parts of one set that never meet.
import { UsageError } from "@snellen/graph";
import { drawnSet } from "../drawn-sets.ts";
import type { TrainingPictures } from "./training-pictures.ts";

export interface DrawnRecipe {
  readonly kind: "drawn";
  /** Id of the drawn set. */
  readonly set: string;
  readonly seed: number;
  /** Index of the first sample. */
  readonly first: number;
  readonly count: number;
  /** Side of a picture in pixels. */
  readonly size: number;
}

/** Most pictures of a drawn set: as many more stay free for another split. */
export const MOST_DRAWN = 2 ** 30;

/** @throws UsageError `bad-drawn-set` for numbers that the set does not take, `unknown-dataset` */
export function openDrawn(recipe: DrawnRecipe): TrainingPictures {
  const { seed, first, count, size } = recipe;
  const set = drawnSet(recipe.set);
  requireWhole("count", count, 1, MOST_DRAWN);
  requireWhole("first", first, 0, 2 ** 31 - count);
  requireWhole("size", size, set.size.least, set.size.most);
  requireWhole("seed", seed, -(2 ** 31), 2 ** 31 - 1);
  return {
    name: set.id,
    labels: set.labels,
    count,
    version: `${set.id}:count=${count},first=${first},seed=${seed},size=${size}`,
    shape: { height: size, width: size, channels: 3 },
    recipe,
    classOf: (index) => set.classOf(seed, first + index),
    read: async (index) => ({
      ...set.draw({ seed, index: first + index, size }).image,
      source: `${set.id}:seed=${seed}[${first + index}]`,
    }),
  };
}

function requireWhole(name: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new UsageError("bad-drawn-set", `${name} ${value} is no whole number from ${from} to ${to}.`, {
    where: name,
    hint: `Write ${name}=${Math.max(from, 1)}.`,
  });
}
