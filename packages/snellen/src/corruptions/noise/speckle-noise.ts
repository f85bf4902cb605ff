// Speckle noise, as radar and ultrasound have it: noise in proportion to what is there, so that black stays black.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";

export const speckleNoise = defineCorruption<number, Float32Array>({
  id: "speckle_noise",
  family: "noise",
  imagenetC: "validation",
  summary: "multiplies every pixel and channel by one plus a normal number",
  unit: "standard deviation of the factor",
  levels: [0.15, 0.2, 0.35, 0.45, 0.6],
  draw: (random, { data }) => random.normals(data.length),
  apply({ data }, deviation, normals) {
    const out = new Uint8Array(data.length);
    for (let i = 0; i < out.length; i++) out[i] = toByte(data[i]! * (1 + deviation * normals[i]!));
    return out;
  },
});
