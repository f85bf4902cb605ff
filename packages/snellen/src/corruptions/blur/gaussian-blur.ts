// Gaussian blur. Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";
import { blurPixels } from "../parts/gaussian.ts";

export const gaussianBlur = defineCorruption<number>({
  id: "gaussian_blur",
  family: "blur",
  imagenetC: "validation",
  summary: "averages every pixel with its surroundings, weighted by a Gaussian",
  unit: "standard deviation in pixels",
  levels: [1, 2, 3, 4, 6],
  apply: blurPixels,
});
