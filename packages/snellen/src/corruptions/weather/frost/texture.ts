// Pictures of frost: crystals in slanting light over mist, tinted like ice, as bright and as contrasty as photographs of it.
// Derived here; brightness and contrast are about those of the photographs that ImageNet-C blends.
import { randomStream } from "../../../random.ts";
import type { Pixels } from "../../corruption.ts";
import type { Plane } from "../../parts/plane.ts";
import { plasma } from "../../parts/plasma.ts";
import { growCrystals, type Habit } from "./crystals.ts";

interface Look {
  readonly habit: Habit;
  /** Mean and standard deviation of the luma, in grey levels. */
  readonly mean: number;
  readonly deviation: number;
  /** What the mist behind the crystals counts, and the light that comes from the side, against the crystals' height. */
  readonly mist: number;
  readonly relief: number;
  /** Grey levels that red lacks and that blue has more. */
  readonly tint: number;
}

const ferns: Habit = {
  seeds: 70,
  needles: [1, 4],
  length: [40, 170],
  thickness: 0.8,
  bend: 50,
  angle: 52,
  spacing: 5,
  reach: 0.42,
  orders: 2,
};

const needles: Habit = {
  seeds: 300,
  needles: [1, 3],
  length: [40, 230],
  thickness: 1,
  bend: 25,
  angle: 13,
  spacing: 16,
  reach: 0.7,
  orders: 1,
};

const looks: readonly Look[] = [
  { habit: ferns, mean: 104, deviation: 33, mist: 0.6, relief: 0.5, tint: 12 },
  { habit: needles, mean: 196, deviation: 20, mist: 0.5, relief: 1.2, tint: 7 },
  {
    habit: { ...needles, seeds: 240, angle: 20, thickness: 2 },
    mean: 208,
    deviation: 17,
    mist: 0.6,
    relief: 1.2,
    tint: 7,
  },
  { habit: { ...ferns, seeds: 110, angle: 40 }, mean: 145, deviation: 30, mist: 0.8, relief: 0.5, tint: 13 },
  { habit: { ...ferns, seeds: 55, spacing: 4 }, mean: 125, deviation: 36, mist: 1, relief: 0.5, tint: 10 },
];

/** How many pictures of frost there are. */
export const FROST_TEXTURES = looks.length;

const [WIDTH, HEIGHT] = [660, 440] as const;
/** The mist's map, a power of two that covers the picture when it is enlarged. */
const MIST = { size: 256, decay: 1.8, cell: 3 } as const;

const made: Pixels[] = [];

/** A picture of frost, always the same for an index; made when it is first asked for. */
export const frostTexture = (index: number): Pixels => (made[index] ??= makeTexture(index));

function makeTexture(index: number): Pixels {
  const { habit, mist, relief, mean, deviation, tint } = looks[index]!;
  const random = randomStream(index, 0xf057);
  const crystals = growCrystals(random, WIDTH, HEIGHT, habit);
  const clouds = plasma(MIST.size, MIST.decay, random.uniforms(MIST.size ** 2 - 1));
  const light = new Float32Array(crystals.values.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const i = y * WIDTH + x;
      light[i] = crystals.values[i]! + relief * slope(crystals, x, y) + mist * cloud(clouds, x, y);
    }
  }
  return { width: WIDTH, height: HEIGHT, data: tinted(light, mean, deviation, tint) };
}

/** Rise towards the light at the upper left. */
function slope({ width, values }: Plane, x: number, y: number): number {
  const i = y * width + x;
  return x === 0 || y === 0 ? 0 : values[i]! - values[i - width - 1]!;
}

/** The mist at a pixel, bilinear between its cells. */
function cloud(map: Float32Array, x: number, y: number): number {
  const { size, cell } = MIST;
  const column = Math.floor(x / cell);
  const row = Math.floor(y / cell);
  const right = x / cell - column;
  const down = y / cell - row;
  const i = row * size + column;
  const upper = map[i]! + right * (map[i + 1]! - map[i]!);
  const lower = map[i + size]! + right * (map[i + size + 1]! - map[i + size]!);
  return upper + down * (lower - upper);
}

function tinted(light: Float32Array, mean: number, deviation: number, tint: number): Uint8Array {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < light.length; i++) {
    sum += light[i]!;
    squares += light[i]! ** 2;
  }
  const average = sum / light.length;
  const contrast = deviation / Math.sqrt(squares / light.length - average ** 2);
  const out = new Uint8ClampedArray(3 * light.length);
  for (let i = 0; i < light.length; i++) {
    const grey = mean + contrast * (light[i]! - average);
    out[3 * i] = grey - tint;
    out[3 * i + 1] = grey;
    out[3 * i + 2] = grey + tint;
  }
  return new Uint8Array(out.buffer);
}
