// Hue shift: colours turn around the circle of HSV, from red towards green; value and saturation stay.
// Exact but for rounding; Pillow's and torchvision's go through HSV of eight bits.
import { defineCorruption } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";
import { requireLevel } from "../parts/level.ts";

/** Which channel is the highest, between and lowest in each sixth of two turns of the circle: no remainder has to be taken. */
const HIGHEST = twoTurns(0, 1, 1, 2, 2, 0);
const BETWEEN = twoTurns(1, 0, 2, 1, 0, 2);
const LOWEST = twoTurns(2, 2, 0, 0, 1, 1);

function twoTurns(...sixths: readonly number[]): Uint8Array {
  return Uint8Array.from([...sixths, ...sixths, sixths[0]!]);
}

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
      const turned = sixths(red, green, blue, most, most - least) + shift;
      const sector = turned | 0;
      const part = (turned - sector) * (most - least);
      out[i + HIGHEST[sector]!] = most;
      out[i + LOWEST[sector]!] = least;
      out[i + BETWEEN[sector]!] = toByte((sector & 1 ? most - part : least + part) + 0.5);
    }
    return out;
  },
});

/** Hue in sixths of the circle: red 6, green 2, blue 4; from 1 to 7. */
function sixths(red: number, green: number, blue: number, most: number, range: number): number {
  if (most === red) return (green - blue) / range + 6;
  return most === green ? (blue - red) / range + 2 : (red - green) / range + 4;
}
