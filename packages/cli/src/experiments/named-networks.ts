// The networks of an experiment: those that the command line names, and those that its list has.
import { required } from "../open.ts";
import type { ImageFlags, ModelFlags } from "../options.ts";
import { type Listed, readNetworks } from "../robustness/listed-networks.ts";

interface ListFlags extends ModelFlags, ImageFlags {
  readonly networks?: string;
}

/**
 * Models that the command line names, and those that its `--networks` lists, with images.
 * @throws UsageError `missing-flag` where neither the list nor the command line gives a network images; what `readNetworks` throws
 */
export async function namedAndListed(
  paths: readonly string[],
  flags: ListFlags,
): Promise<(Listed & { readonly inputs: readonly string[] })[]> {
  const { images, networks } = flags;
  const named = paths.map((path): Listed => ({ path, flags, dataset: images?.join(" ") ?? "" }));
  const listed = networks === undefined ? [] : await readNetworks(networks, flags);
  return [...named, ...listed].map((own) => ({
    ...own,
    inputs: required(own.flags.images, "images", "photos/"),
  }));
}
