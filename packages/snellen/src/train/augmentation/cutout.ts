// Cutout: a square about a drawn pixel is hidden; it may reach beyond the picture (DeVries & Taylor, arXiv:1708.04552).
// They fill with the training set's mean; here it is the picture's own, which needs no pass over the set.
import { channelMeans } from "../../corruptions/parts/channels.ts";
import type { AugmentationKind } from "./augmentation.ts";
import { covered } from "./rectangle.ts";
import { MOST_PIXELS, numberValue, requireAtMost } from "./values.ts";

const USAGE = "cutout=<pixels>";

export const cutout: AugmentationKind = {
  id: "cutout",
  summary: "hides a square of so many pixels a side under the picture's mean colour",
  usage: USAGE,
  bind(values, most = MOST_PIXELS) {
    requireAtMost(values, 1, USAGE);
    const to = Math.min(MOST_PIXELS, most);
    const side = numberValue(values[0], USAGE, { from: 0, to, whole: true });
    return (pixels, random) => {
      const left = random.integer(0, pixels.width - 1) - (side >> 1);
      const top = random.integer(0, pixels.height - 1) - (side >> 1);
      if (side === 0) return pixels;
      const colour = channelMeans(pixels.data).map(Math.round);
      return covered(pixels, { left, top, right: left + side, bottom: top + side }, (c) => colour[c]!);
    };
  },
};
