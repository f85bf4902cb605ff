// What corrupts pictures in long work: here on the calling thread; a door may put threads of its own in its place.
import type { Image } from "../images/image.ts";
import { corrupt } from "./corrupt.ts";
import type { Pixels, Severity } from "./corruption.ts";
import { corruption } from "./index.ts";
import { frost, frostFrom } from "./weather/frost.ts";

/** One corruption of several pictures. */
export interface CorruptionOrder {
  /** A corruption's id. */
  readonly corruption: string;
  readonly severity: Severity;
  /** One for all pictures: each has draws of its own. */
  readonly seed: number;
}

/** Corrupts pictures in long work, on this thread or on others. Dispose of it when done. */
export interface Corruptor extends AsyncDisposable {
  /** How many orders it works on at a time. */
  readonly width: number;
  /**
   * The pictures under a corruption, in their order.
   * @throws what `corrupt` throws
   */
  corrupt(images: readonly Image[], order: CorruptionOrder, signal?: AbortSignal): Promise<Image[]>;
}

/** What corruptions may be given besides pictures. */
export interface CorruptorOptions {
  /** Photographs of frost; without them crystals are drawn. */
  readonly frostTextures?: readonly Pixels[];
}

/** Corrupts at once, on this thread. */
export function createCorruptor({ frostTextures }: CorruptorOptions = {}): Corruptor {
  const photographed = frostTextures === undefined ? frost : frostFrom(frostTextures);
  const byId = (id: string) => (id === frost.id ? photographed : corruption(id));
  return {
    width: 1,
    corrupt: async (images, { corruption: id, ...options }) =>
      images.map((image) => corrupt(image, byId(id), options)),
    [Symbol.asyncDispose]: async () => {},
  };
}
