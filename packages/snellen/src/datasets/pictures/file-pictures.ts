// Pictures in files of their own, decoded whenever they are asked for.
// Which files there are and how one is decoded is the doors' business (`node/training-folder.ts`).
import { InternalError } from "@snellen/graph";
import type { Image } from "../../images/image.ts";
import type { TrainingPictures } from "./training-pictures.ts";

export interface FileRecipe {
  readonly kind: "files";
  readonly name: string;
  readonly labels: readonly string[];
  readonly version: string;
  readonly paths: readonly string[];
  /** Class of each. */
  readonly classes: Uint32Array;
}

/** A file's pixels. @throws ImageError where it holds none */
export type Decode = (path: string) => Promise<Image>;

export function openFiles(recipe: FileRecipe, decode: Decode | undefined): TrainingPictures {
  if (decode === undefined) throw new InternalError("files need a door that decodes them.");
  const { name, labels, version, paths, classes } = recipe;
  return {
    name,
    labels,
    version,
    recipe,
    count: paths.length,
    shape: undefined,
    classOf: (index) => classes[index]!,
    read: (index) => decode(paths[index]!),
  };
}
