// Shot noise, as light has it that comes in single photons: a Poisson number of them in place of each value.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";
import { poissonOfBytes } from "../parts/poisson.ts";

export const shotNoise = defineCorruption<number, Uint16Array>({
  id: "shot_noise",
  family: "noise",
  imagenetC: "common",
  summary: "draws every pixel and channel from a Poisson distribution around it",
  unit: "photons that white stands for, the fewer the stronger",
  levels: [60, 25, 12, 5, 3],
  draw: (random, { data }, photons) => poissonOfBytes(random, data, photons),
  apply({ data }, photons, counts) {
    const white = Math.ceil(photons);
    const grey = Uint8Array.from({ length: white + 1 }, (_, count) => toByte((255 * count) / photons));
    const out = new Uint8Array(data.length);
    for (let i = 0; i < out.length; i++) out[i] = grey[Math.min(white, counts[i]!)]!;
    return out;
  },
});
