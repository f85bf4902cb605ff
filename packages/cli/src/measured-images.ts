// The images that a measurement runs on: some of those given, or Gaussian pictures where none are.
import { ImageError } from "@snellen/graph";
import { evenly, gaussianImages, type ImageInput, skipReason, unlessUnreadable } from "snellen";
import type { OpenedModel } from "snellen/node";
import { noteAssumptions, openImagesWithFlags } from "./open.ts";
import type { ImageFlags } from "./options.ts";
import type { Terminal } from "./terminal.ts";

export interface MeasuredImages {
  readonly kind: "images" | "gaussian";
  readonly images: readonly ImageInput[];
  /** Images that were given. */
  readonly given: number;
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
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
  const { entries } = await openImagesWithFlags(model, flags.images, flags);
  noteAssumptions(model, entries, flags, terminal);
  const images: ImageInput[] = [];
  const skipped: { source: string; reason: string }[] = [];
  for (const { source, read } of evenly(entries, flags.n)) {
    const image = await unlessUnreadable(source, read, (unreadable) => {
      skipped.push({ source, reason: skipReason(unreadable) });
      terminal.warn(`skipped ${skipReason(unreadable)}`);
    });
    if (image !== undefined) images.push(image);
  }
  if (images.length > 0) return { kind: "images", images, given: entries.length, skipped };
  throw new ImageError("no-readable-image", `none of the ${skipped.length} pictures tried could be read.`, {
    where: "--images",
    hint: `The first one: ${skipped[0]?.reason}`,
  });
}
