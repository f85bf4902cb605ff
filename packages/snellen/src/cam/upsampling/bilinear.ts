// Bilinear upsampling, what most libraries do; it multiplies the sum by about stride².
import { resizeCells } from "./resize.ts";
import type { Upsampling } from "./upsampling.ts";

export const bilinear: Upsampling = {
  id: "bilinear",
  summary: "Linear interpolation between cell centres; the sum grows by about stride².",
  conservative: false,
  build: (context) => resizeCells(context, "linear"),
};
