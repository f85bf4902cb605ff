// Random mirroring, left to right. As torchvision's `RandomHorizontalFlip`.
import type { Pixels } from "../../corruptions/corruption.ts";
import type { AugmentationKind } from "./augmentation.ts";
import { numberValue, requireAtMost } from "./values.ts";

const USAGE = "flip[=<probability>]";

export const flip: AugmentationKind = {
  id: "flip",
  summary: "mirrors every other picture, or the given share, left to right",
  usage: USAGE,
  bind(values) {
    requireAtMost(values, 1, USAGE);
    const probability = numberValue(values[0], USAGE, { from: 0, to: 1 }, 0.5);
    return (pixels, random) => (random.uniform(0, 1) < probability ? mirrored(pixels) : pixels);
  },
};

/** The picture with left and right exchanged. */
export function mirrored({ width, height, data }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    let i = 3 * y * width;
    for (let s = i + 3 * (width - 1); i < 3 * (y + 1) * width; i += 3, s -= 3) {
      out[i] = data[s]!;
      out[i + 1] = data[s + 1]!;
      out[i + 2] = data[s + 2]!;
    }
  }
  return { width, height, data: out };
}
