// Histogram equalization: a share of the way to the picture whose values are spread evenly, channel by channel.
// Arithmetic: Pillow's `ImageOps.equalize`, then its `Image.blend`.
import { defineCorruption } from "../corruption.ts";
import { blend } from "../parts/blend.ts";
import { type ByteTable, byteTable, lookUpChannels } from "../parts/byte-table.ts";
import { channelHistograms } from "../parts/channels.ts";
import { requireLevel } from "../parts/level.ts";

export const equalize = defineCorruption<number>({
  id: "equalize",
  family: "colour",
  summary: "mixes the picture with its equalized self, at severity 5 that alone",
  unit: "share of the equalized picture",
  levels: [0.2, 0.4, 0.6, 0.8, 1],
  apply({ data }, amount) {
    requireLevel("equalize", amount, { from: 0, to: 1 });
    const [red, green, blue] = channelHistograms(data).map((histogram) => {
      const equal = equalizing(histogram);
      return byteTable((byte) => blend(byte, equal[byte]!, amount));
    }) as [ByteTable, ByteTable, ByteTable];
    return lookUpChannels(data, [red, green, blue]);
  },
});

/** The table that spreads a channel's values evenly; one that holds too few of them stays. */
function equalizing(histogram: Uint32Array): ByteTable {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const brightest = histogram.findLast((count) => count > 0) ?? 0;
  const step = Math.floor((total - brightest) / 255);
  if (step === 0) return byteTable((byte) => byte);
  let below = Math.floor(step / 2);
  return byteTable((byte) => {
    const level = Math.floor(below / step);
    below += histogram[byte]!;
    return level;
  });
}
