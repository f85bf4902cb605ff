// A list of networks to run on, each with its images and preprocessing, as a JSON file. Text in, data out.
import { UsageError } from "@snellen/graph";
import { z } from "zod";
import { parseJson } from "../datasets/labels.ts";

const numbers = z.array(z.number()).min(1);

/** The fields of the command line's flags, under the same names. */
const networkSchema = z.strictObject({
  model: z.string(),
  /** Files, folders or globs; without them, those that the command line gives. */
  images: z.array(z.string()).min(1).optional(),
  /** Networks are compared within a data set; default: the images as they are written. */
  dataset: z.string().optional(),
  imageLabels: z.string().optional(),
  labels: z.string().optional(),
  preset: z.string().optional(),
  mean: numbers.optional(),
  std: numbers.optional(),
  range: z.string().optional(),
  channels: z.string().optional(),
  resize: z.string().optional(),
  interpolation: z.string().optional(),
  input: z.string().optional(),
  output: z.string().optional(),
  size: z.tuple([z.int().positive(), z.int().positive()]).optional(),
});

/** One network; paths are as the file has them, relative to it. */
export type ListedNetwork = z.infer<typeof networkSchema>;

/**
 * `{"networks": [{"model": "a.onnx", "images": ["photos/"], …}]}`.
 * @param file name for error messages
 * @throws UsageError `bad-json`, `bad-networks`
 */
export function parseNetworks(text: string, file: string): readonly ListedNetwork[] {
  const parsed = z.strictObject({ networks: z.array(networkSchema).min(1) }).safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data.networks;
  const [issue] = parsed.error.issues;
  throw new UsageError("bad-networks", `${issue?.path.join(".") || "the file"}: ${issue?.message}.`, {
    where: file,
    hint: 'Write {"networks": [{"model": "a.onnx", "images": ["photos/"]}]}; further fields are named as the flags.',
  });
}
