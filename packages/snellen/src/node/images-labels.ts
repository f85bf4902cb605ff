// Labels of images on disk: `datasets/label-images.ts` with Node's paths and files.
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import {
  type FoundLabels,
  type ImageFile,
  type LabelFiles,
  type LabelOptions,
  labelImages as labelListed,
} from "../datasets/label-images.ts";

export type { FoundLabels, LabelOptions } from "../datasets/label-images.ts";

const ON_DISK: LabelFiles = {
  basename,
  dirname: (path) => dirname(resolve(path)),
  resolve,
  readText: (path) => readFile(path, "utf8").catch(() => undefined),
};

/**
 * Finds the label of each file.
 * @throws UsageError `bad-label-file`, `unknown-class`, `label-out-of-range`, `no-labels` where labels were asked for.
 */
export const labelImages = (files: readonly ImageFile[], options: LabelOptions = {}): Promise<FoundLabels> =>
  labelListed(files, options, ON_DISK);
