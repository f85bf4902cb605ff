// The images that a measurement runs on: some of those that are there, or Gaussian pictures where none are.
import {
  evenly,
  gaussianImages,
  type Image,
  type ImageInput,
  type MeasuredOn,
  unlessUnreadable,
} from "snellen/web";
import type { Opened } from "./opened.ts";

/** At most so many pictures, evenly over all; those that cannot be read are left out. */
export async function somePictures({ images }: Opened, n: number): Promise<Image[]> {
  const found: Image[] = [];
  for (const { source, read } of evenly(images.entries, n)) {
    const image = await unlessUnreadable(source, read, () => undefined);
    if (image !== undefined) found.push(image);
  }
  return found;
}

/** The same, or so many Gaussian pictures. */
export async function measuredOn(opened: Opened, n: number): Promise<MeasuredOn> {
  const images: ImageInput[] = await somePictures(opened, n);
  if (images.length > 0) return { kind: "images", images };
  return { kind: "gaussian", images: gaussianImages(opened.model().vision.info, n, 0) };
}
