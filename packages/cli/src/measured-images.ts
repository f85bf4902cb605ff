// The images that a measurement runs on: some of those given, or Gaussian pictures where none are.
import { evenly, gaussianImages, type MeasuredOn, readPictures, type SkippedPicture } from "snellen";
import type { OpenedModel } from "snellen/node";
import { noteAssumptions, openImagesWithFlags } from "./open.ts";
import type { ImageFlags } from "./options.ts";
import type { Terminal } from "./terminal.ts";

export interface MeasuredImages extends MeasuredOn {
  readonly skipped: readonly SkippedPicture[];
  /** Images that were given. */
  readonly given: number;
}

/** `3 images`, `1 Gaussian picture`: what a measurement was on. */
export function measuredOnText({
  kind,
  count,
}: {
  readonly kind: MeasuredImages["kind"];
  readonly count: number;
}): string {
  return `${count} ${kind === "images" ? "image" : "Gaussian picture"}${count === 1 ? "" : "s"}`;
}

/** @throws ImageError `no-readable-image`; what opening images throws */
export async function measuredImages(
  model: OpenedModel,
  flags: ImageFlags & { readonly n: number; readonly seed: number },
  terminal: Terminal,
): Promise<MeasuredImages> {
  if (flags.images === undefined) {
    const images = gaussianImages(model.info, flags.n, flags.seed);
    return { kind: "gaussian", images, given: 0, skipped: [] };
  }
  const { entries } = await openImagesWithFlags(model, flags.images, flags, terminal);
  noteAssumptions(model, entries, flags, terminal);
  const { images, skipped } = await readPictures(evenly(entries, flags.n), (reason) =>
    terminal.warn(`skipped ${reason}`),
  );
  return { kind: "images", images, given: entries.length, skipped };
}
