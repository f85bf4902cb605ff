// The parameters of the code that trains a network, from a file: a safetensors file, or a JSON list of names and shapes.
import { readFile, stat } from "node:fs/promises";
import { parseParameterList, type TrainingParameters } from "../normalization/naming/training-parameters.ts";
import { readSafetensors, refuseUnreadable } from "./safetensors.ts";

/** Names and shapes of the largest networks take a few megabytes; other files are no lists. */
const LARGEST_LIST_BYTES = 64 << 20;

/**
 * Reads them; the name's ending says how.
 * @throws ModelError `unreadable-file`, `bad-safetensors`; UsageError `bad-parameter-list`
 */
export async function readTrainingParameters(path: string): Promise<TrainingParameters> {
  if (/\.safetensors$/i.test(path)) return readSafetensors(path);
  const text = await readList(path).catch(refuseUnreadable(path));
  return parseParameterList(text, path);
}

/** The text; empty where the file is too large to be a list. */
async function readList(path: string): Promise<string> {
  const { size } = await stat(path);
  return size > LARGEST_LIST_BYTES ? "" : readFile(path, "utf8");
}
