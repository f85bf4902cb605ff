// Contrast lowered towards the mean of each channel. Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";
import { type ByteTable, byteTable, lookUpChannels } from "../parts/byte-table.ts";
import { channelMeans } from "../parts/channels.ts";

export const contrast = defineCorruption<number>({
  id: "contrast",
  family: "digital",
  imagenetC: "common",
  summary: "shrinks every channel's distance from its mean over the picture",
  unit: "factor of the distance from the mean",
  levels: [0.4, 0.3, 0.2, 0.1, 0.05],
  apply({ data }, factor) {
    const [red, green, blue] = channelMeans(data);
    return lookUpChannels(data, [shrunk(red, factor), shrunk(green, factor), shrunk(blue, factor)]);
  },
});

/** In double precision and in the reference's order of operations: the last digit decides where the value is a whole number. */
const shrunk = (mean: number, factor: number): ByteTable =>
  byteTable((byte) => ((byte / 255 - mean / 255) * factor + mean / 255) * 255);
