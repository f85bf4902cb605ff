// Opens a data set by its name or path: `optotypes:count=20000,seed=1`, `fashion-mnist`, `cifar10:/folder`, `photos/`.
import { closest, UsageError } from "@snellen/graph";
import { drawnSets } from "../datasets/drawn-sets.ts";
import { drawnRecipe } from "../datasets/drawn-values.ts";
import type { Split } from "../datasets/file-set.ts";
import { fileSets } from "../datasets/file-sets.ts";
import { datasets, FOLDER_ID } from "../datasets/index.ts";
import { openRecipe } from "../datasets/pictures/open-recipe.ts";
import type { TrainingPictures } from "../datasets/pictures/training-pictures.ts";
import { readDataFiles } from "./data-files.ts";
import { kindOfPath } from "./files.ts";
import { type FolderOptions, openFolder } from "./training-folder.ts";

/** Which split is opened, and how folders are read. */
export interface TrainingDataOptions extends FolderOptions {
  /** Default `train`. Folders have no splits; see `splitPictures`. */
  readonly split?: Split;
}

/**
 * Opens labelled pictures; names and number of their classes are known from then on.
 *
 * @param spec a name of `datasets`, behind a colon the numbers of a drawn set or the folder of a file set; or the path of a folder
 *   of pictures, in which no picture is opened yet
 * @throws UsageError `unknown-dataset`, `dataset-not-found`, `bad-data-file`, `bad-drawn-set`, and what `openFolder` throws;
 *   ImageError for a folder without pictures
 */
export async function openTrainingData(
  spec: string,
  { split = "train", ...options }: TrainingDataOptions = {},
): Promise<TrainingPictures> {
  const colon = spec.indexOf(":");
  const id = colon < 0 ? spec : spec.slice(0, colon);
  const rest = colon < 0 ? "" : spec.slice(colon + 1);
  const drawn = drawnSets.find((set) => set.id === id);
  if (drawn !== undefined) return openRecipe(drawnRecipe(drawn, rest, split));
  const files = fileSets.find((set) => set.id === id);
  if (files !== undefined) {
    const read = await readDataFiles(files, split, rest === "" ? undefined : rest);
    return openRecipe(files.recipe(read, split));
  }
  if (id === FOLDER_ID && rest !== "") return openFolder(rest, options);
  if ((await kindOfPath(spec)) === "folder") return openFolder(spec, options);
  const ids = datasets.map((set) => set.id);
  throw new UsageError("unknown-dataset", `"${spec}" is no data set and no folder.`, {
    where: "--data",
    hint: `Did you mean "${closest(id, ids)}"? Known: ${ids.join(", ")}, or the path of a folder of pictures.`,
  });
}
