// Each picture corrupted once, whatever the number of networks that see it one after another. Derived here.
import type { Corruptor } from "../../corruptions/corruptor.ts";
import type { Image } from "../../images/image.ts";

/** Keeps every picture that the corruptor gives; it is the other's to dispose of. For pictures of which no two share a source and size. */
export function rememberedCorruptions(corruptor: Corruptor): Corruptor {
  const known = new Map<string, Image>();
  return {
    width: corruptor.width,
    async corrupt(images, order, signal) {
      const keyOf = ({ source, width, height }: Image) =>
        JSON.stringify([source, width, height, order.corruption, order.severity, order.seed]);
      const missing = images.filter((image) => !known.has(keyOf(image)));
      if (missing.length > 0) {
        const made = await corruptor.corrupt(missing, order, signal);
        missing.forEach((image, i) => {
          known.set(keyOf(image), made[i] as Image);
        });
      }
      return images.map((image) => known.get(keyOf(image)) as Image);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
