// Every data set by its name, for messages, help and docs. Folders of pictures need no name: their path is enough.
import { drawnSets } from "./drawn-sets.ts";
import { fileSets } from "./file-sets.ts";

/** What help and messages say of a data set. */
export interface NamedDataset {
  readonly id: string;
  readonly summary: string;
  /** How it is asked for. */
  readonly usage: string;
}

/** The name in front of a path that could be taken for another set's name. */
export const FOLDER_ID = "folder";

/** All data sets that can be asked for: drawn ones, those in files, and last folders of pictures. */
export const datasets: readonly NamedDataset[] = [
  ...drawnSets.map(({ id, summary, size }) => ({
    id,
    summary,
    usage: `${id}[:count=20000,size=${size.usual},seed=0,first=0]`,
  })),
  ...fileSets.map(({ id, summary, packaged }) => ({
    id,
    summary,
    usage: packaged === undefined ? `${id}:<folder>` : `${id}[:<folder>]`,
  })),
  { id: FOLDER_ID, summary: "pictures in a folder for each class", usage: "<folder>" },
];
