// Networks that `--networks` lists in a JSON file, each with flags of its own.
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { UsageError } from "@snellen/graph";
import { type ListedNetwork, parseNetworks } from "snellen";
import type { ImageFlags, ModelFlags } from "../options.ts";

export interface Listed {
  readonly path: string;
  readonly flags: ModelFlags & ImageFlags;
  readonly dataset: string;
}

/**
 * Paths in the file are relative to it.
 * @param given images, with their labels, of networks that have none of their own
 * @throws UsageError `unreadable-file`, `bad-networks`
 */
export async function readNetworks(file: string, given: ImageFlags = {}): Promise<Listed[]> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new UsageError("unreadable-file", "cannot be read.", {
      where: file,
      hint: "Check --networks.",
      cause,
    });
  });
  const at = (path: string): string => (isAbsolute(path) ? path : join(dirname(file), path));
  const maybe = (path: string | undefined): string | undefined => path && at(path);
  return parseNetworks(text, file).map(
    ({ model, dataset, images, labels, imageLabels, ...flags }: ListedNetwork) => {
      const own = images === undefined ? given : { images: images.map(at) };
      return {
        path: at(model),
        dataset: dataset ?? (images ?? given.images ?? []).join(" "),
        flags: {
          ...flags,
          images: own.images,
          labels: maybe(labels),
          imageLabels: maybe(imageLabels) ?? own.imageLabels,
        },
      };
    },
  );
}
