// Automatic contrast: every channel is stretched until the given share of its values is cut off at either end.
// Arithmetic: Pillow's `ImageOps.autocontrast`. Without a share, a picture that has black and white in every channel stays as it is.
import { defineCorruption } from "../corruption.ts";
import { type ByteTable, byteTable, lookUpChannels } from "../parts/byte-table.ts";
import { channelHistograms } from "../parts/channels.ts";
import { requireLevel } from "../parts/level.ts";

export const autocontrast = defineCorruption<number>({
  id: "autocontrast",
  family: "colour",
  summary: "stretches every channel over the whole range, more and more of it cut off",
  unit: "percent cut off at either end",
  levels: [0, 1, 2, 5, 10],
  apply({ data }, percent) {
    requireLevel("autocontrast", percent, { from: 0, to: 100 });
    const cut = Math.floor(((data.length / 3) * percent) / 100);
    const [red, green, blue] = channelHistograms(data);
    return lookUpChannels(data, [stretch(red, cut), stretch(green, cut), stretch(blue, cut)]);
  },
});

/** The table for a channel of which `cut` values are dropped at either end. */
function stretch(histogram: Uint32Array, cut: number): ByteTable {
  const counts = histogram.slice();
  drop(counts, cut);
  // reversed in place and back: the same from the bright end
  drop(counts.reverse(), cut);
  counts.reverse();
  const least = counts.findIndex((count) => count > 0);
  const most = counts.findLastIndex((count) => count > 0);
  if (most <= least) return byteTable((byte) => byte);
  const scale = 255 / (most - least);
  const offset = -least * scale;
  return byteTable((byte) => byte * scale + offset);
}

/** Takes `cut` values out of the counts, from the first bin on. */
function drop(counts: Uint32Array, cut: number): void {
  let left = cut;
  for (let bin = 0; left > 0 && bin < counts.length; bin++) {
    const taken = Math.min(left, counts[bin]!);
    counts[bin]! -= taken;
    left -= taken;
  }
}
