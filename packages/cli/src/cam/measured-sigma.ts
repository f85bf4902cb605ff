// `--sigma erf`: the width of Gaussian kernels measured on some of the images, before maps are made.
import { ERF_SIGMA, erfSigma, evenly, layersOf } from "snellen";
import type { OpenedModel } from "snellen/node";
import type { CommandContext } from "../main.ts";
import { batchOf, openImagesWithFlags, required } from "../open.ts";
import type { ImageFlags } from "../options.ts";
import { saidBefore } from "../terminal.ts";

/** Images that the field is measured on: its width is known to a few per cent long before R is. */
const IMAGES = 64;

interface SigmaFlags extends ImageFlags {
  readonly sigma: string;
  readonly upsampling: string;
  readonly layer?: string | readonly string[];
  readonly out?: string;
}

/** The flags with `erf` replaced by what was measured. @throws UsageError `missing-flag`, and what `erfSigma` throws */
export async function withMeasuredSigma<T extends SigmaFlags>(
  model: OpenedModel,
  flags: T,
  { terminal, signal }: CommandContext,
): Promise<T> {
  if (flags.sigma !== ERF_SIGMA) return flags;
  // no other upsampling has a width
  if (flags.upsampling !== "gaussian") return { ...flags, sigma: "stride" };
  const { entries } = await openImagesWithFlags(
    model,
    required(flags.images, "images", "photos/"),
    flags,
    saidBefore(terminal),
  );
  const layers = layersOf(model.info, flags.layer ?? "auto");
  const images = evenly(entries, IMAGES);
  const sigma = await erfSigma(model, layers, images, {
    batch: batchOf(flags),
    signal,
    onSkip: () => undefined,
    onBatch: ({ position }) => terminal.progress("effective receptive field", position / images.length),
  });
  terminal.note(`--sigma erf: ${sigma} (rows x columns), from ${images.length} images.`);
  return { ...flags, sigma };
}
