// For methods that alter a picture before the network's own preprocessing: they need its pixels.
import { ImageError } from "@snellen/graph";
import { type Image, type ImageInput, isPreprocessed } from "./image.ts";

/**
 * The image itself, if it is a picture.
 * @throws ImageError `needs-pixels` for a preprocessed tensor
 */
export function requirePixels(image: ImageInput): Image {
  if (!isPreprocessed(image)) return image;
  throw new ImageError("needs-pixels", "is a preprocessed tensor; corruptions alter pictures.", {
    where: image.source,
    hint: "Give the pictures that it was made from.",
  });
}
