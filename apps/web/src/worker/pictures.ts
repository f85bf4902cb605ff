// The images that a measurement runs on: some of those that are there, or Gaussian pictures where none are.
import { evenly, gaussianImages, type Image, type MeasuredOn, readPictures } from "snellen/web";
import type { HandlerContext } from "./handler.ts";

type Context = Pick<HandlerContext, "opened" | "note">;

/**
 * At most so many pictures, evenly over all; those that cannot be read are left out, with a note.
 * @returns none where there are none
 * @throws ImageError `no-readable-image`
 */
export async function somePictures({ opened, note }: Context, n: number): Promise<readonly Image[]> {
  const entries = evenly(opened.images.entries, n);
  return entries.length === 0 ? [] : (await readPictures(entries, (reason) => note(leftOut(reason)))).images;
}

export const leftOut = (reason: string): string => `Left out: ${reason}`;

/** The same, or so many Gaussian pictures where there are none. */
export async function measuredOn(context: Context, n: number): Promise<MeasuredOn> {
  const images = await somePictures(context, n);
  if (images.length > 0) return { kind: "images", images };
  return { kind: "gaussian", images: gaussianImages(context.opened.model().vision.info, n, 0) };
}
