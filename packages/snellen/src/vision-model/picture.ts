// The picture that the network saw: the background of heat maps.
import { type Image, type ImageInput, isPreprocessed } from "../images/image.ts";
import { createBatch, fitImage, imageOfBatch, preprocess } from "../images/preprocess.ts";
import type { DescribedModel } from "./describe.ts";

/** An image at the network's input size; a preprocessed tensor with its normalization undone. */
export function pictureOf({ preprocessing: { spec } }: DescribedModel, image: ImageInput): Image {
  if (!isPreprocessed(image)) return fitImage(image, spec);
  const batch = createBatch(spec, 1);
  preprocess(image, spec, batch.values, 0);
  return imageOfBatch(batch.values, spec, 0, image.source);
}
