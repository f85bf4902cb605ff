// From flags to what corrupts pictures: on threads of its own, or on this one.
import { createHash } from "node:crypto";
import { type Corruptor, createCorruptor, type Pixels } from "snellen";
import { createCorruptionPool, readTextures } from "snellen/node";
import type { CorruptionFlags } from "./corruption-options.ts";

/** Photographs of frost, where they are given. @throws what reading them throws */
export const frostTexturesOf = async ({
  frostTextures,
}: CorruptionFlags): Promise<readonly Pixels[] | undefined> =>
  frostTextures === undefined ? undefined : await readTextures(frostTextures);

/** SHA-256 of the photographs' pixels; null where there are none. */
export function texturesDigest(textures: readonly Pixels[] | undefined): string | null {
  if (textures === undefined) return null;
  const hash = createHash("sha256");
  for (const { width, height, data } of textures) hash.update(`${width}x${height} `).update(data);
  return hash.digest("hex");
}

export const openCorruptor = (
  { workers }: Pick<CorruptionFlags, "workers">,
  frostTextures: readonly Pixels[] | undefined,
): Corruptor =>
  workers === 0
    ? createCorruptor({ frostTextures })
    : createCorruptionPool({ threads: workers, frostTextures });
