// Inversion: a share of the way from the picture to its negative.
// Derived here. The tables leave out shares near one half, where only grey is left: contrast is 0.6, 0.3, −0.3, −0.6, −1 of the picture's.
import { defineCorruption } from "../corruption.ts";
import { blend } from "../parts/blend.ts";
import { byteTable, lookUp } from "../parts/byte-table.ts";
import { requireLevel } from "../parts/level.ts";

export const inversion = defineCorruption<number>({
  id: "inversion",
  family: "colour",
  summary: "mixes the picture with its negative, at severity 5 the negative alone",
  unit: "share of the negative",
  levels: [0.2, 0.35, 0.65, 0.8, 1],
  apply({ data }, amount) {
    requireLevel("inversion", amount, { from: 0, to: 1 });
    return lookUp(
      data,
      byteTable((byte) => blend(byte, 255 - byte, amount)),
    );
  },
});
