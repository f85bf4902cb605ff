// A list of networks to run on, each with its images and preprocessing, as a JSON file. Text in, data out.
import { UsageError } from "@snellen/graph";
import * as z from "zod/mini";
import { parseJson } from "../datasets/labels.ts";
import { IN_ENGLISH } from "../zod-messages.ts";

const side = z.int().check(z.positive());
const numbers = z.array(z.number()).check(z.minLength(1));

/** The fields of the command line's flags, under the same names. */
const networkSchema = z.strictObject({
  model: z.string(),
  /** Files, folders or globs; without them, those that the command line gives. */
  images: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** Networks are compared within a data set; default: the images as they are written. */
  dataset: z.optional(z.string()),
  imageLabels: z.optional(z.string()),
  labels: z.optional(z.string()),
  preset: z.optional(z.string()),
  mean: z.optional(numbers),
  std: z.optional(numbers),
  range: z.optional(z.string()),
  channels: z.optional(z.string()),
  resize: z.optional(z.string()),
  interpolation: z.optional(z.string()),
  input: z.optional(z.string()),
  output: z.optional(z.string()),
  size: z.optional(z.tuple([side, side])),
});

const fileSchema = z.strictObject({ networks: z.array(networkSchema).check(z.minLength(1)) });

/** One network; paths are as the file has them, relative to it. */
export type ListedNetwork = z.infer<typeof networkSchema>;

/**
 * `{"networks": [{"model": "a.onnx", "images": ["photos/"], …}]}`.
 * @param file name for error messages
 * @throws UsageError `bad-json`, `bad-networks`
 */
export function parseNetworks(text: string, file: string): readonly ListedNetwork[] {
  const parsed = fileSchema.safeParse(parseJson(text, file), IN_ENGLISH);
  if (parsed.success) return parsed.data.networks;
  const [issue] = parsed.error.issues;
  throw new UsageError("bad-networks", `${issue?.path.join(".") || "the file"}: ${issue?.message}.`, {
    where: file,
    hint: 'Write {"networks": [{"model": "a.onnx", "images": ["photos/"]}]}; further fields are named as the flags.',
  });
}
