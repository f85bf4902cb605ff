// JPEG compression at low quality: what the file loses, without the file. Constants and recipe: ImageNet-C (Hendrycks & Dietterich
// 2019); the arithmetic is libjpeg's, so that pixels are those of a file that it wrote and read.
import { defineCorruption } from "../corruption.ts";
import { throughJpeg } from "./jpeg/stripes.ts";
import { quantisationTables } from "./jpeg/tables.ts";

export const jpegCompression = defineCorruption<number>({
  id: "jpeg_compression",
  family: "digital",
  imagenetC: "common",
  summary: "compresses the picture as a JPEG file",
  unit: "quality as libjpeg counts it, 1 to 100",
  levels: [25, 18, 15, 10, 7],
  apply: (pixels, quality) => throughJpeg(pixels, quantisationTables(quality)),
});
