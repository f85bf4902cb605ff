// A textured background: a field of one texture blended with fine noise, mapped between two colours, plus grain.

import type { RandomStream } from "../../random.ts";
import { type Field, type TextureId, textureIds, textures, valueNoise } from "./textures.ts";

/** Range of the mean colour's channels (sRGB 0 … 1); neither end is so near black or white that no letter fits. */
const channelRange = [0.25, 0.9] as const;

/**
 * Draws a background of a random texture in random colours.
 *
 * @param grainRandom  the stream of the grain, a draw or more per pixel
 * @param size  width and height in pixels
 * @returns RGB bytes, row by row, and the texture's id
 */
export function drawBackground(
  random: RandomStream,
  grainRandom: RandomStream,
  size: number,
): { data: Uint8Array; texture: TextureId } {
  const texture = random.pick(textureIds);
  const field = sampleField(textures[texture](random), size);
  const fine = sampleField(valueNoise(random, 16, 2, 0.6), size);
  const fineShare = random.uniform(0, 0.35);
  const colors = [0, 1, 2].map(() => random.uniform(...channelRange));
  const swing = random.uniform(0.08, 0.4);
  const common = random.uniform(-1, 1);
  const swings = colors.map(() => swing * (common + random.uniform(-0.5, 0.5)));
  // Clamped arrays round and saturate on assignment.
  const data = new Uint8ClampedArray(3 * size * size);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const value = (1 - fineShare) * field[pixel]! + fineShare * fine[pixel]! - 0.5;
    for (let channel = 0; channel < 3; channel++) {
      data[3 * pixel + channel] = 255 * (colors[channel]! + swings[channel]! * value);
    }
  }
  addGrain(data, grainRandom, 255 * random.uniform(0, 0.06));
  return { data: new Uint8Array(data.buffer), texture };
}

function addGrain(data: Uint8ClampedArray, random: RandomStream, amplitude: number): void {
  const noise = new Float32Array(2);
  for (let i = 0; i < data.length; i++) {
    if (i % 2 === 0) random.trianglePair(noise);
    data[i]! += amplitude * noise[i % 2]!;
  }
}

/** The field at the pixels' centres, stretched to 0 … 1. */
function sampleField(field: Field, size: number): Float32Array {
  const values = new Float32Array(size * size);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < size; row++) {
    for (let col = 0; col < size; col++) {
      const value = field((col + 0.5) / size, (row + 0.5) / size);
      values[row * size + col] = value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const range = high - low || 1;
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - low) / range;
  return values;
}
