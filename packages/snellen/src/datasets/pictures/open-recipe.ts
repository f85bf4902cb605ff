// From a recipe to its pictures: where a thread begins, and every data set ends.
import { openChosen } from "./chosen-pictures.ts";
import { openDrawn } from "./drawn-pictures.ts";
import { type Decode, openFiles } from "./file-pictures.ts";
import { openRecords } from "./record-pictures.ts";
import type { PictureRecipe, TrainingPictures } from "./training-pictures.ts";

/**
 * The pictures of a recipe; equal recipes, equal pictures.
 * @param decode needed where the recipe names files
 * @throws UsageError `bad-drawn-set` for a drawn set with numbers that it does not take
 */
export function openRecipe(recipe: PictureRecipe, decode?: Decode): TrainingPictures {
  if (recipe.kind === "records") return openRecords(recipe);
  if (recipe.kind === "drawn") return openDrawn(recipe);
  if (recipe.kind === "files") return openFiles(recipe, decode);
  return openChosen(recipe, openRecipe(recipe.of, decode));
}
