// Impulse noise, or salt and pepper, as broken sensor cells and bit errors give it; a channel alone, so that pixels turn coloured.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";

/** What becomes of a value: it stays, it becomes 0, it becomes 255. */
const [KEEP, PEPPER, SALT] = [0, 1, 2] as const;

export const impulseNoise = defineCorruption<number, Uint8Array>({
  id: "impulse_noise",
  family: "noise",
  imagenetC: "common",
  summary: "sets values of single pixels and channels to black or white",
  unit: "share of the values that are set",
  levels: [0.03, 0.06, 0.09, 0.17, 0.27],
  draw(random, { data }, share) {
    // The same 32 bits decide both: of numbers below the share, half lie below half of it.
    const touched = share * 2 ** 32;
    const mask = new Uint8Array(data.length);
    for (let i = 0; i < mask.length; i++) {
      const number = random.bits() >>> 0;
      if (number < touched) mask[i] = number < touched / 2 ? PEPPER : SALT;
    }
    return mask;
  },
  apply({ data }, _share, mask) {
    const out = data.slice();
    for (let i = 0; i < out.length; i++) {
      if (mask[i] !== KEEP) out[i] = mask[i] === SALT ? 255 : 0;
    }
    return out;
  },
});
