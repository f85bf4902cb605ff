// Motion blur, as of a camera that moves quickly while the shutter is open.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019), with the kernel of the `imagecorruptions` package.
import { defineCorruption } from "../corruption.ts";
import { correlate } from "../parts/correlate.ts";
import { motionTaps, type Streak } from "../parts/motion.ts";
import { pixelRows } from "../parts/pixel-rows.ts";

/** The draw is the direction in degrees. */
export const motionBlur = defineCorruption<Streak, number>({
  id: "motion_blur",
  family: "blur",
  imagenetC: "common",
  summary: "smears the picture along a line, at most 45 degrees off the horizontal",
  unit: "half length of the streak and standard deviation of its weights, in pixels",
  levels: [
    { radius: 10, sigma: 3 },
    { radius: 15, sigma: 5 },
    { radius: 15, sigma: 8 },
    { radius: 15, sigma: 12 },
    { radius: 20, sigma: 15 },
  ],
  draw: (random) => random.uniform(-45, 45),
  apply({ width, height, data }, streak, degrees) {
    const out = new Uint8Array(data.length);
    const taps = motionTaps(streak, degrees, { width, height });
    correlate(pixelRows({ width, height, data }, out), taps, "nearest");
    return out;
  },
});
