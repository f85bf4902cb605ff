// Motion blur, as of a camera that moves quickly while the shutter is open.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019), with the kernel of the `imagecorruptions` package.
import { defineCorruption } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";
import { motionBlur as blurRows, motionTaps, type Streak } from "../parts/motion.ts";

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
    const rowLength = 3 * width;
    const pipe = {
      width,
      height,
      channels: 3,
      read(y: number, row: Float64Array, at: number) {
        for (let i = 0, from = y * rowLength; i < rowLength; i++) row[at + i] = data[from + i]!;
      },
      write(y: number, row: Float64Array) {
        for (let i = 0, to = y * rowLength; i < rowLength; i++) out[to + i] = toByte(row[i]!);
      },
    };
    blurRows(pipe, motionTaps(streak, degrees, { width, height }));
    return out;
  },
});
