// Posterization: only the highest bits of every value stay. Arithmetic: Pillow's `ImageOps.posterize`.
import { defineCorruption } from "../corruption.ts";
import { byteTable, lookUp } from "../parts/byte-table.ts";
import { requireLevel } from "../parts/level.ts";

export const posterize = defineCorruption<number>({
  id: "posterize",
  family: "colour",
  summary: "keeps the highest bits of every value",
  unit: "bits that stay, of 8",
  levels: [6, 5, 4, 3, 2],
  apply({ data }, bits) {
    requireLevel("posterize", bits, { from: 1, to: 8, whole: true });
    const mask = ~(2 ** (8 - bits) - 1);
    return lookUp(
      data,
      byteTable((byte) => byte & mask),
    );
  },
});
