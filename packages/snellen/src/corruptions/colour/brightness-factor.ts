// Darkening by a factor, as Pillow's `ImageEnhance.Brightness` below 1.
// The same product as `colour_scale`, on the other side of 1: nothing is cut off, only the scale shrinks.
import { defineCorruption } from "../corruption.ts";
import { blend } from "../parts/blend.ts";
import { byteTable, lookUp } from "../parts/byte-table.ts";
import { requireLevel } from "../parts/level.ts";

export const brightnessFactor = defineCorruption<number>({
  id: "brightness_factor",
  family: "colour",
  summary: "darkens: multiplies every value by a factor below 1",
  unit: "factor of every value",
  levels: [0.8, 0.65, 0.5, 0.35, 0.2],
  apply({ data }, factor) {
    requireLevel("brightness_factor", factor, { from: 0, to: 1 });
    return lookUp(
      data,
      byteTable((byte) => blend(0, byte, factor)),
    );
  },
});
