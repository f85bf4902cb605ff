// Pictures that lean to the pattern of their class, made from a hash: Python makes the same in `tools/reference/training_steps.py`.
import type { Batch } from "../batch.ts";

export const MADE = { size: 3 * 12 * 12, dims: [3, 12, 12], classes: 4, batch: 8, steps: 10 } as const;

/** Bytes by a hash of their index. */
export function noiseBytes(count: number, stream: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    let h = Math.imul(i + stream * 1_000_003, 0x9e3779b1);
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    return h >>> 24;
  });
}

/** Of a step from 0; multiples of 1/64. */
export function madeBatch(step: number): Batch {
  const { size, classes: count, batch, dims } = MADE;
  const classes = Int32Array.from({ length: batch }, (_, n) => (3 * n + step) % count);
  const patterns = noiseBytes(count * size, 0);
  const noise = noiseBytes(batch * size, step + 1);
  const values = Float32Array.from(noise, (byte, i) => {
    const pattern = patterns[(classes[Math.floor(i / size)] as number) * size + (i % size)] as number;
    return (byte + pattern - 255) / 64;
  });
  return { values, dims: [batch, ...dims], classes, skipped: [] };
}

/** Length of a vector, and its product with fixed directions. */
export function projected(values: ArrayLike<number>): [length: number, product: number] {
  const directions = noiseBytes(values.length, 77);
  let [squares, product] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    squares += value ** 2;
    product += (value * ((directions[i] as number) - 127.5)) / 64;
  }
  return [Math.sqrt(squares), product];
}
