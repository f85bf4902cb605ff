// Width of Gaussian kernels: a multiple of the distance between cells, or pixels, measured ones too.
import { UsageError } from "@snellen/graph";

/**
 * `stride` (the distance between cells), a multiple of that distance, `<n>px`, or `<rows>x<columns>px`; of several layers one
 * each, between commas. `erfSigma` measures one.
 */
export type Sigma = number | "stride" | (string & {});

/** A sigma as the graph takes it; pixels along rows and columns. */
export type Width = { readonly strides: number } | { readonly pixels: readonly [number, number] };

/** Chosen on half of the images of `snellen reproduce extended-cam`, out of 0.25 to 1.5. */
const STRIDE_SIGMA = 1;

/** What stands for the effective receptive field's own, until it is measured. */
export const ERF_SIGMA = "erf";

/**
 * One width for all layers, or one each.
 * @throws UsageError `bad-sigma`, `sigma-not-measured`
 */
export function parseSigma(sigma: Sigma): readonly Width[] {
  if (sigma === ERF_SIGMA)
    throw new UsageError("sigma-not-measured", "erf has to be measured on images first.", {
      where: "--sigma",
      hint: "From code: sigma: await erfSigma(model, images).",
    });
  const widths = String(sigma).split(",").map(widthOf);
  if (widths.every((width) => width !== undefined)) return widths;
  throw new UsageError("bad-sigma", `expected stride, a number above 0, pixels or erf, got "${sigma}".`, {
    where: "--sigma",
    hint: "Write --sigma 0.5 for half the distance between cells, or --sigma 16px.",
  });
}

const NUMBER = String.raw`[\d.]+(?:e-?\d+)?`;
const FORM = new RegExp(`^(${NUMBER})(?:(px)|x(${NUMBER})px)?$`, "i");

function widthOf(text: string): Width | undefined {
  if (text === "stride") return { strides: STRIDE_SIGMA };
  const [, first = "", unit, second] = FORM.exec(text) ?? [];
  const [rows, columns] = [Number(first), Number(second ?? first)];
  if (first === "" || ![rows, columns].every((n) => Number.isFinite(n) && n > 0)) return undefined;
  return unit === undefined && second === undefined ? { strides: rows } : { pixels: [rows, columns] };
}

/** Pixels along rows and columns, as `parseSigma` reads them. */
export const pixelSigma = (rows: number, columns: number): string =>
  `${rows.toFixed(3)}x${columns.toFixed(3)}px`;

/** In multiples of the spacing along an axis. */
export const inStrides = (width: Width, axis: 0 | 1, spacing: number): number =>
  "strides" in width ? width.strides : width.pixels[axis] / spacing;
