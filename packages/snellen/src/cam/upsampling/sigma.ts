// Width of Gaussian kernels: a multiple of the distance between cells, or pixels.
import { UsageError } from "@snellen/graph";

/** `stride` (the distance between cells), a multiple of that distance, or `<n>px`. */
export type Sigma = number | "stride" | (string & {});

/** A sigma as the graph takes it. */
export type Width = { readonly strides: number } | { readonly pixels: number };

/** Chosen on half of the images of `snellen reproduce extended-cam`, out of 0.25 to 1.5. */
export const STRIDE_SIGMA = 1;

/** @throws UsageError `bad-sigma` */
export function parseSigma(sigma: Sigma): Width {
  if (sigma === "stride") return { strides: STRIDE_SIGMA };
  const [, number = "", unit] = /^([\d.]+(?:e-?\d+)?)(px)?$/i.exec(String(sigma)) ?? [];
  const value = number === "" ? Number.NaN : Number(number);
  if (Number.isFinite(value) && value > 0) return unit === undefined ? { strides: value } : { pixels: value };
  throw new UsageError("bad-sigma", `expected stride, a number above 0 or pixels, got "${sigma}".`, {
    where: "--sigma",
    hint: "Write --sigma 0.5 for half the distance between cells, or --sigma 16px.",
  });
}

/** In multiples of the spacing. */
export const inStrides = (width: Width, spacing: number): number =>
  "strides" in width ? width.strides : width.pixels / spacing;
