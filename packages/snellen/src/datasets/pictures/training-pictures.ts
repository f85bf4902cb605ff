// Labelled pictures together with the plain data that they come from, so that another thread can open the same ones.
// Derived here: functions cannot be sent to a thread, a recipe can, and what it holds in shared memory is not copied.
import type { LabelledPictures } from "../../train/batch.ts";
import type { ChosenRecipe } from "./chosen-pictures.ts";
import type { DrawnRecipe } from "./drawn-pictures.ts";
import type { FileRecipe } from "./file-pictures.ts";
import type { RecordRecipe } from "./record-pictures.ts";

/** What all pictures of a set have in common. */
export interface PictureShape {
  readonly height: number;
  readonly width: number;
  /** 1 where red, green and blue are equal in every picture. */
  readonly channels: 1 | 3;
}

/** Where pictures come from, as data that may be sent to a thread. */
export type PictureRecipe = RecordRecipe | DrawnRecipe | FileRecipe | ChosenRecipe;

/** Pictures of a data set. */
export interface TrainingPictures extends LabelledPictures {
  /** Undefined where sizes differ, or are not known before pictures are read. */
  readonly shape: PictureShape | undefined;
  /** What `openRecipe` makes the same pictures of. */
  readonly recipe: PictureRecipe;
}
