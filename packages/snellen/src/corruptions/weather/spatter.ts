// Spatter: drops of water that glitter, or mud. Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption, type Pixels } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";
import { blurField } from "../parts/gaussian.ts";
import { droplets } from "./spatter/droplets.ts";

interface SpatterLevel {
  readonly kind: "water" | "mud";
  /** Mean and standard deviation of the liquid before smoothing. */
  readonly mean: number;
  readonly deviation: number;
  /** Standard deviation of the smoothing, in pixels. */
  readonly smoothing: number;
  /** Less liquid than this is none. */
  readonly threshold: number;
  /** Of water, 0 to 1; of mud, the standard deviation in pixels that its edges are smoothed by. */
  readonly strength: number;
}

export const spatter = defineCorruption<SpatterLevel, Float32Array>({
  id: "spatter",
  family: "weather",
  imagenetC: "validation",
  summary: "splashes the lens with water, or with mud",
  unit: "water or mud; mean, standard deviation, smoothing in pixels and threshold of the liquid; strength",
  levels: [
    { kind: "water", mean: 0.65, deviation: 0.3, smoothing: 4, threshold: 0.69, strength: 0.6 },
    { kind: "water", mean: 0.65, deviation: 0.3, smoothing: 3, threshold: 0.68, strength: 0.6 },
    { kind: "water", mean: 0.65, deviation: 0.3, smoothing: 2, threshold: 0.68, strength: 0.5 },
    { kind: "mud", mean: 0.65, deviation: 0.3, smoothing: 1, threshold: 0.65, strength: 1.5 },
    { kind: "mud", mean: 0.67, deviation: 0.4, smoothing: 1, threshold: 0.65, strength: 1.5 },
  ],
  draw: (random, { width, height }) => random.normals(width * height),
  apply(pixels, level, normals) {
    const layer = new Float32Array(normals.length);
    for (let i = 0; i < layer.length; i++) layer[i] = level.mean + level.deviation * normals[i]!;
    const liquid = blurField(layer, pixels, { sigma: level.smoothing });
    return LIQUIDS[level.kind](pixels, liquid, level);
  },
});

const WATER = [175, 238, 238] as const;
const MUD = [63, 42, 20] as const;
/** Less than so much of a pixel covered by mud is none. */
const LEAST_MUD = 0.8;

/** Sums of weights in single precision fall short of 1 by less. */
const SINGLE = 1e-6;

type Splash = (pixels: Pixels, liquid: Float32Array, level: SpatterLevel) => Uint8Array;

const LIQUIDS: Readonly<Record<SpatterLevel["kind"], Splash>> = {
  /** Added as light. Where there is no drop the picture stays (the reference divides by zero and turns black). */
  water({ width, height, data }, liquid, { threshold, strength }) {
    const thickness = new Int32Array(liquid.length);
    for (let i = 0; i < liquid.length; i++)
      thickness[i] = liquid[i]! < threshold ? 0 : (255 * liquid[i]!) & 255;
    const drops = droplets({ width, height, data: thickness }).data;
    let most = 0;
    for (let i = 0; i < drops.length; i++) if (drops[i]! > most) most = drops[i]!;
    if (most === 0) return data.slice();
    const out = new Uint8Array(data.length);
    for (let i = 0, at = 0; at < out.length; i++, at += 3) {
      const light = (strength * drops[i]!) / most;
      out[at] = toByte(data[at]! + light * WATER[0]);
      out[at + 1] = toByte(data[at + 1]! + light * WATER[1]);
      out[at + 2] = toByte(data[at + 2]! + light * WATER[2]);
    }
    return out;
  },
  /** Covers the picture. */
  mud(pixels, liquid, { threshold, strength }) {
    const { data } = pixels;
    const splashes = new Float32Array(liquid.length);
    for (let i = 0; i < liquid.length; i++) splashes[i] = liquid[i]! > threshold ? 1 : 0;
    const cover = blurField(splashes, pixels, { sigma: strength });
    const out = new Uint8Array(data.length);
    for (let i = 0, at = 0; at < out.length; i++, at += 3) {
      const mud = cover[i]! < LEAST_MUD ? 0 : Math.min(1, cover[i]! + SINGLE);
      out[at] = toByte(data[at]! * (1 - mud) + MUD[0] * mud);
      out[at + 1] = toByte(data[at + 1]! * (1 - mud) + MUD[1] * mud);
      out[at + 2] = toByte(data[at + 2]! * (1 - mud) + MUD[2] * mud);
    }
    return out;
  },
};
