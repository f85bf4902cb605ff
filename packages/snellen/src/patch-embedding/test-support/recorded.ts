// The exports that tools/reference/patch_embeddings.py recorded, without their weights, and what it says of each.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Model, parseModel } from "@snellen/graph";

/** Written by hand from the network's code; the script says what the fields mean. */
export type EmbeddingLabel =
  | { readonly found: false; readonly reason: string; readonly positions: string | null }
  | {
      readonly found: true;
      readonly kind: string;
      readonly patch: readonly number[];
      readonly kernel: readonly number[];
      readonly overlaps: boolean;
      readonly readsPixels: boolean;
      readonly bias: boolean;
      readonly grid: readonly number[];
      readonly width: number;
      readonly layout: string;
      readonly covers: boolean;
      readonly origin: string | readonly [torchscript: string, dynamo: string];
      /** Kind, count, when they join, and where they do not stand before the patches. */
      readonly others: readonly (readonly [string, number, string, string?])[];
      readonly before: readonly string[];
      readonly between: readonly string[];
      readonly behind: readonly string[];
    };

export interface RecordedEmbedding {
  readonly file: string;
  readonly exporter: "torchscript" | "dynamo";
  readonly opset: number;
  /** Names of values that hold the numbers of PyTorch's: the projection's output in any layout, and the first block's input. */
  readonly values: { readonly projection?: readonly string[]; readonly z0?: readonly string[] };
  readonly label: EmbeddingLabel;
}

const FOLDER = new URL("../fixtures/", import.meta.url);

export const recordedEmbeddings = JSON.parse(
  readFileSync(new URL("labels.json", FOLDER), "utf8"),
) as readonly RecordedEmbedding[];

/** The graph; its weights point to a file that is not there. */
export function recordedModel(file: string): Model {
  const bytes = gunzipSync(readFileSync(new URL(`${file}.onnx.gz`, FOLDER)));
  return { ...parseModel(bytes, file), bytes: undefined };
}
