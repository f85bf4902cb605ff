// Contrast enhancement: colours move away from the picture's mean grey. Under it ViTs degrade most: arXiv:2111.08413.
// Arithmetic: Pillow's `ImageEnhance.Contrast`. ImageNet-C's `contrast` is the other direction, and per channel.

import { luma } from "../../images/luma.ts";
import { defineCorruption } from "../corruption.ts";
import { blend } from "../parts/blend.ts";
import { byteTable, lookUp } from "../parts/byte-table.ts";
import { requireLevel } from "../parts/level.ts";

export const contrastEnhancement = defineCorruption<number>({
  id: "contrast_enhancement",
  family: "colour",
  summary: "moves every value away from the picture's mean grey",
  unit: "factor of the distance to the mean grey",
  levels: [1.2, 1.5, 2, 2.5, 3],
  apply({ data }, factor) {
    requireLevel("contrast_enhancement", factor, { from: 0, to: 1000 });
    const mean = meanGrey(data);
    return lookUp(
      data,
      byteTable((byte) => blend(mean, byte, factor)),
    );
  },
});

/** Rounded, as Pillow's. */
function meanGrey(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += luma(data[i]!, data[i + 1]!, data[i + 2]!);
  return Math.floor((3 * sum) / data.length + 0.5);
}
