// Photographs that stand for frost on a window, as users give them.
import { UsageError } from "@snellen/graph";
import type { Pixels } from "../corruptions/corruption.ts";
import { requirePixels } from "../images/require-pixels.ts";
import { openImages } from "./images.ts";

/** All of them are in memory, in every worker. */
const MOST = 64;

/**
 * Decodes every picture of a folder.
 * @throws UsageError `too-many-textures`; ImageError where one cannot be read
 */
export async function readTextures(folder: string): Promise<Pixels[]> {
  const { entries } = await openImages(folder, { labelsFrom: "none" });
  if (entries.length > MOST)
    throw new UsageError("too-many-textures", `holds ${entries.length} pictures; ${MOST} are the most.`, {
      where: folder,
    });
  const textures: Pixels[] = [];
  for (const { read } of entries) {
    const image = requirePixels(await read());
    textures.push({ width: image.width, height: image.height, data: image.data });
  }
  return textures;
}
