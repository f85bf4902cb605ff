// Gaussian noise, as a sensor has it in poor light. Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";

export const gaussianNoise = defineCorruption<number, Float32Array>({
  id: "gaussian_noise",
  family: "noise",
  imagenetC: "common",
  summary: "adds a normal number to every pixel and channel",
  unit: "standard deviation, in parts of the range",
  levels: [0.08, 0.12, 0.18, 0.26, 0.38],
  draw: (random, { data }) => random.normals(data.length),
  apply({ data }, deviation, normals) {
    const out = new Uint8Array(data.length);
    for (let i = 0; i < out.length; i++) out[i] = toByte(data[i]! + 255 * deviation * normals[i]!);
    return out;
  },
});
