// Gradients to send back: independent signs, unit variance. Of all such noise, signs give Σ‖J·v‖² with the least spread
// (Hutchinson 1990).
import { randomStream } from "../../random.ts";

/** `count` numbers, each +1 or −1 with equal chance; equal keys give equal noise. */
export function signs(count: number, ...key: readonly number[]): Float32Array {
  const random = randomStream(...key);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += BITS) {
    let bits = random.integer(0, 2 ** BITS - 1);
    for (let k = i; k < Math.min(i + BITS, count); k++, bits >>= 1) values[k] = (bits & 1) * 2 - 1;
  }
  return values;
}

const BITS = 30;
