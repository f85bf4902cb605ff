// Solarization: values from a threshold on are inverted, as by film exposed far too long. Arithmetic: Pillow's `ImageOps.solarize`.
import { defineCorruption } from "../corruption.ts";
import { byteTable, lookUp } from "../parts/byte-table.ts";
import { requireLevel } from "../parts/level.ts";

export const solarize = defineCorruption<number>({
  id: "solarize",
  family: "colour",
  summary: "inverts the values from a threshold on",
  unit: "lowest value that is inverted, 0 to 256",
  levels: [224, 192, 160, 128, 96],
  apply({ data }, threshold) {
    requireLevel("solarize", threshold, { from: 0, to: 256 });
    return lookUp(
      data,
      byteTable((byte) => (byte < threshold ? byte : 255 - byte)),
    );
  },
});
