// Gamma: a power of every value, which leaves black and white in place and moves what is between.
// As torchvision's `adjust_gamma`, but rounded.
import { defineCorruption } from "../corruption.ts";
import { byteTable, lookUp } from "../parts/byte-table.ts";
import { toByte } from "../parts/bytes.ts";
import { requireLevel } from "../parts/level.ts";

export const gamma = defineCorruption<number>({
  id: "gamma",
  family: "colour",
  summary: "raises every value, in parts of the range, to a power: darker shadows above 1",
  unit: "exponent",
  levels: [1.3, 1.6, 2, 2.5, 3],
  apply({ data }, exponent) {
    requireLevel("gamma", exponent, { from: 0.01, to: 100 });
    return lookUp(
      data,
      byteTable((byte) => toByte(255 * (byte / 255) ** exponent + 0.5)),
    );
  },
});
