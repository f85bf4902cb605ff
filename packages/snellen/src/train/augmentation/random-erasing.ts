// Random erasing: a rectangle of drawn area and shape is overwritten with noise (Zhong et al., arXiv:1708.04896).
// Area 2 to 33 %, aspect 0.3 to 3.3 evenly in its logarithm, ten tries for one that fits: torchvision's `RandomErasing`.
import type { Pixels } from "../../corruptions/corruption.ts";
import type { RandomStream } from "../../random.ts";
import type { AugmentationKind } from "./augmentation.ts";
import { covered, type Rectangle } from "./rectangle.ts";
import { numberValue, requireAtMost } from "./values.ts";

const USAGE = "random-erasing[=<probability>]";
const SHARE = [0.02, 0.33] as const;
const LOG_ASPECT = [Math.log(0.3), Math.log(3.3)] as const;
const TRIES = 10;

export const randomErasing: AugmentationKind = {
  id: "random-erasing",
  summary: "overwrites a rectangle of every other picture, or of the given share, with noise",
  usage: USAGE,
  bind(values) {
    requireAtMost(values, 1, USAGE);
    const probability = numberValue(values[0], USAGE, { from: 0, to: 1 }, 0.5);
    return (pixels, random) => {
      if (random.uniform(0, 1) >= probability) return pixels;
      const rectangle = drawRectangle(pixels, random);
      return rectangle === undefined ? pixels : covered(pixels, rectangle, () => random.bits() & 255);
    };
  },
};

function drawRectangle({ width, height }: Pixels, random: RandomStream): Rectangle | undefined {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = random.uniform(...SHARE) * width * height;
    const aspect = Math.exp(random.uniform(...LOG_ASPECT));
    const down = Math.round(Math.sqrt(area * aspect));
    const across = Math.round(Math.sqrt(area / aspect));
    if (down >= height || across >= width) continue;
    const top = random.integer(0, height - down);
    const left = random.integer(0, width - across);
    return { left, top, right: left + across, bottom: top + down };
  }
  return undefined;
}
