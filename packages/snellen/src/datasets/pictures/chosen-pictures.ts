// Some pictures of a set, as a set of their own: what limits and splits are made of.
// Derived here; nothing is copied but the indices.
import { fingerprint } from "./fingerprint.ts";
import type { PictureRecipe, TrainingPictures } from "./training-pictures.ts";

export interface ChosenRecipe {
  readonly kind: "chosen";
  readonly of: PictureRecipe;
  /** Picture `i` is picture `indices[i]` of the other set. */
  readonly indices: Uint32Array;
}

export function openChosen(recipe: ChosenRecipe, of: TrainingPictures): TrainingPictures {
  const { indices } = recipe;
  return {
    name: of.name,
    labels: of.labels,
    count: indices.length,
    version: `${of.version}#${fingerprint([new Uint8Array(indices.buffer, indices.byteOffset, indices.byteLength)])}`,
    shape: of.shape,
    recipe,
    classOf: (index) => of.classOf(indices[index]!),
    read: (index) => of.read(indices[index]!),
  };
}

/** The pictures at `indices`, in their order. */
export const choosePictures = (pictures: TrainingPictures, indices: readonly number[]): TrainingPictures =>
  openChosen({ kind: "chosen", of: pictures.recipe, indices: Uint32Array.from(indices) }, pictures);
