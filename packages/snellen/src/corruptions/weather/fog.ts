// Fog: bright clouds over the picture, and what is left scaled down so that the brightest pixel stays as bright.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption, type Pixels } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";
import { plasma } from "../parts/plasma.ts";

export interface FogLevel {
  /** What the thickest fog adds, in parts of the range. */
  readonly thickness: number;
  /** How fast the clouds' details fade, as `plasma` takes it. */
  readonly decay: number;
}

export const fog = defineCorruption<FogLevel, Float32Array>({
  id: "fog",
  family: "weather",
  imagenetC: "common",
  summary: "lays clouds over the picture and lowers the contrast of the rest",
  unit: "what the thickest fog adds in parts of the range, and the decay of its details",
  levels: [
    { thickness: 1.5, decay: 2 },
    { thickness: 2, decay: 2 },
    { thickness: 2.5, decay: 1.7 },
    { thickness: 2.5, decay: 1.5 },
    { thickness: 3, decay: 1.4 },
  ],
  draw(random, { width, height }, { decay }) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(width, height)));
    const clouds = plasma(size, decay, random.uniforms(size * size - 1));
    return upperLeft(clouds, size, width, height);
  },
  apply({ data }, { thickness }, clouds) {
    const brightest = brightestOf(data) / 255;
    const scale = brightest / (brightest + thickness);
    const out = new Uint8Array(data.length);
    for (let pixel = 0, i = 0; i < out.length; pixel++, i += 3) {
      const cloud = 255 * thickness * clouds[pixel]!;
      out[i] = toByte((data[i]! + cloud) * scale);
      out[i + 1] = toByte((data[i + 1]! + cloud) * scale);
      out[i + 2] = toByte((data[i + 2]! + cloud) * scale);
    }
    return out;
  },
});

function upperLeft(map: Float32Array, size: number, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) out.set(map.subarray(y * size, y * size + width), y * width);
  return out;
}

function brightestOf(data: Pixels["data"]): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) if (data[i]! > most) most = data[i]!;
  return most;
}
