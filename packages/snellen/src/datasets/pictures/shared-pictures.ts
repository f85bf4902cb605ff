// How many pictures two sets have in common, told by where they come from: what a network is tested on should be new to it.
// Derived here; no picture is read, so that copies of a file count as others.
import type { PictureRecipe, TrainingPictures } from "./training-pictures.ts";

/** Pictures of `tested` that are among `trained`. */
export function sharedPictures(
  trained: Pick<TrainingPictures, "recipe" | "count">,
  tested: Pick<TrainingPictures, "recipe" | "count">,
): number {
  if (originOf(trained.recipe) !== originOf(tested.recipe)) return 0;
  const known = new Set(keysOf(trained));
  return keysOf(tested).filter((key) => known.has(key)).length;
}

/** Sets of different origin have nothing in common. */
function originOf(recipe: PictureRecipe): string {
  if (recipe.kind === "chosen") return originOf(recipe.of);
  if (recipe.kind === "records") return recipe.version;
  // a letter is the same at any size
  return recipe.kind === "drawn" ? `${recipe.set}:${recipe.seed}` : recipe.kind;
}

const keysOf = ({ recipe, count }: Pick<TrainingPictures, "recipe" | "count">): (string | number)[] =>
  Array.from({ length: count }, (_, index) => keyOf(recipe, index));

/** A picture's path, or its number among those of one origin. */
function keyOf(recipe: PictureRecipe, index: number): string | number {
  if (recipe.kind === "chosen") return keyOf(recipe.of, recipe.indices[index] as number);
  if (recipe.kind === "files") return recipe.paths[index] as string;
  return recipe.kind === "drawn" ? recipe.first + index : index;
}
