// Hue shift: colours turn around the circle of HSV, from red towards green; value and saturation stay.
// Exact but for rounding; Pillow's and torchvision's go through HSV of eight bits.
import { defineCorruption } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";
import { requireLevel } from "../parts/level.ts";

/** Which channel is the highest, between and lowest in each sixth of the circle. */
const HIGHEST = Uint8Array.of(0, 1, 1, 2, 2, 0);
const BETWEEN = Uint8Array.of(1, 0, 2, 1, 0, 2);
const LOWEST = Uint8Array.of(2, 2, 0, 0, 1, 1);

export const hue = defineCorruption<number>({
  id: "hue",
  family: "colour",
  summary: "turns every hue around the colour circle",
  unit: "degrees, from red towards green",
  levels: [18, 36, 72, 108, 180],
  apply({ data }, degrees) {
    requireLevel("hue", degrees, { from: -360, to: 360 });
    const shift = (((degrees / 60) % 6) + 6) % 6;
    const out = new Uint8Array(data.length);
    for (let i = 0; i < out.length; i += 3) {
      const [red, green, blue] = [data[i]!, data[i + 1]!, data[i + 2]!];
      const most = Math.max(red, green, blue);
      const least = Math.min(red, green, blue);
      if (most === least) {
        out[i] = out[i + 1] = out[i + 2] = most;
        continue;
      }
      const turned = (sixths(red, green, blue, most, most - least) + shift) % 6;
      const sector = turned | 0;
      const part = (turned - sector) * (most - least);
      out[i + HIGHEST[sector]!] = most;
      out[i + LOWEST[sector]!] = least;
      out[i + BETWEEN[sector]!] = toByte((sector & 1 ? most - part : least + part) + 0.5);
    }
    return out;
  },
});

/** Hue in sixths of the circle: red 0 or 6, green 2, blue 4. */
function sixths(red: number, green: number, blue: number, most: number, range: number): number {
  if (most === red) return (green - blue) / range + 6;
  return most === green ? (blue - red) / range + 2 : (red - green) / range + 4;
}
