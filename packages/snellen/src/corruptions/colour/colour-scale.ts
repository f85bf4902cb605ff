// Colour scale: every value times a factor, the scale that patch embeddings follow and positional ones do not (arXiv:2111.08413).
// Arithmetic: Pillow's `ImageEnhance.Brightness` beyond 1. `brightness_factor` has the factors below.
import { defineCorruption } from "../corruption.ts";
import { blend } from "../parts/blend.ts";
import { byteTable, lookUp } from "../parts/byte-table.ts";
import { requireLevel } from "../parts/level.ts";

export const colourScale = defineCorruption<number>({
  id: "colour_scale",
  family: "colour",
  summary: "multiplies every value, cut off at white",
  unit: "factor of every value",
  levels: [1.2, 1.5, 2, 2.5, 3],
  apply({ data }, factor) {
    requireLevel("colour_scale", factor, { from: 0, to: 1000 });
    return lookUp(
      data,
      byteTable((byte) => blend(0, byte, factor)),
    );
  },
});
