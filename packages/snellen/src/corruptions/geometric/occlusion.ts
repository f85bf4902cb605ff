// Occlusion: a square of the picture's mean colour hides a share of its area at a drawn place. Derived here.
// The mean colour, because it moves the picture's own mean least: only what is hidden counts.
import { defineCorruption } from "../corruption.ts";
import { channelMeans } from "../parts/channels.ts";
import { requireLevel } from "../parts/level.ts";

/** Where the square is among the places that it fits in: 0 at the left or top, below 1 at the other end. */
export interface OcclusionDraw {
  readonly x: number;
  readonly y: number;
}

export const occlusion = defineCorruption<number, OcclusionDraw>({
  id: "occlusion",
  family: "geometric",
  summary: "hides a square under the picture's mean colour",
  unit: "share of the area",
  levels: [0.05, 0.1, 0.2, 0.3, 0.4],
  draw: (random) => ({ x: random.uniform(0, 1), y: random.uniform(0, 1) }),
  apply({ width, height, data }, share, place) {
    requireLevel("occlusion", share, { from: 0, to: 1 });
    const size = hidden(width, height, share);
    const left = Math.floor(place.x * (width - size.width + 1));
    const top = Math.floor(place.y * (height - size.height + 1));
    const bar = new Uint8Array(3 * size.width);
    const colour = channelMeans(data);
    for (let i = 0; i < bar.length; i++) bar[i] = Math.round(colour[i % 3]!);
    const out = data.slice();
    for (let y = top; y < top + size.height; y++) out.set(bar, 3 * (y * width + left));
    return out;
  },
});

/** A square; where the picture is too narrow for it, a rectangle of the same area. */
function hidden(width: number, height: number, share: number): { width: number; height: number } {
  const area = share * width * height;
  if (area === 0) return { width: 0, height: 0 };
  const across = Math.min(width, Math.max(1, Math.round(Math.sqrt(area))));
  const down = Math.min(height, Math.max(1, Math.round(area / across)));
  return { width: Math.min(width, Math.max(1, Math.round(area / down))), height: down };
}
