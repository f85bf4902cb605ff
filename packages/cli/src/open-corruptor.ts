// From flags to what corrupts pictures: on threads of its own, or on this one.
import { type Corruptor, createCorruptor, type Pixels } from "snellen";
import { createCorruptionPool, readTextures } from "snellen/node";
import type { CorruptionFlags } from "./corruption-options.ts";

/** Photographs of frost, where they are given. @throws what reading them throws */
export const frostTexturesOf = async ({
  frostTextures,
}: CorruptionFlags): Promise<readonly Pixels[] | undefined> =>
  frostTextures === undefined ? undefined : await readTextures(frostTextures);

export const openCorruptor = (
  { workers }: Pick<CorruptionFlags, "workers">,
  frostTextures: readonly Pixels[] | undefined,
): Corruptor =>
  workers === 0
    ? createCorruptor({ frostTextures })
    : createCorruptionPool({ threads: workers, frostTextures });
