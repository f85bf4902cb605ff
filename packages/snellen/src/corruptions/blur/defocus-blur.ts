// Defocus: the mean over a disk whose edge is softened. Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";
import { borderIndex } from "../parts/borders.ts";
import { correlate, type Tap } from "../parts/correlate.ts";
import { pixelRows } from "../parts/pixel-rows.ts";

export interface DefocusLevel {
  /** Of the disk, in pixels. */
  readonly radius: number;
  /** Standard deviation of the Gaussian that softens its edge, in pixels. */
  readonly softness: number;
}

export const defocusBlur = defineCorruption<DefocusLevel>({
  id: "defocus_blur",
  family: "blur",
  imagenetC: "common",
  summary: "averages every pixel over a disk, as a lens out of focus does",
  unit: "radius of the disk and standard deviation of its edge, in pixels",
  levels: [
    { radius: 3, softness: 0.1 },
    { radius: 4, softness: 0.5 },
    { radius: 6, softness: 0.5 },
    { radius: 8, softness: 0.5 },
    { radius: 10, softness: 0.5 },
  ],
  apply(pixels, level) {
    const out = new Uint8Array(pixels.data.length);
    correlate(pixelRows(pixels, out), diskTaps(level), "reflect101");
    return out;
  },
});

/** Disks up to this radius are drawn on a grid that reaches so far, larger ones on a grid that they fill. */
const GRID = 8;

/**
 * The disk, its mean 1, softened within its grid: where it touches the grid's border the reference mirrors it there and loses what
 * lies beyond, so that the weights of radius 8 and 10 add to 1.013 and 1.011.
 */
function diskTaps({ radius, softness }: DefocusLevel): Tap[] {
  const reach = Math.max(GRID, radius);
  const size = 2 * reach + 1;
  const disk = Float64Array.from({ length: size * size }, (_, i) => {
    const [dy, dx] = [Math.floor(i / size) - reach, (i % size) - reach];
    return dx * dx + dy * dy <= radius * radius ? 1 : 0;
  });
  const area = disk.reduce((a, b) => a + b);
  const edge = edgeTaps(softness, radius > GRID ? 2 : 1);
  const soft = softenedRows(softenedRows(disk, size, edge), size, edge);
  return Array.from(soft, (weight, i) => ({
    dx: (i % size) - reach,
    dy: Math.floor(i / size) - reach,
    weight: weight / area,
  })).filter(({ weight }) => weight > LEAST);
}

/** Weights below this change no grey level: e⁻⁵⁰ at the sides of the smallest disk's edge. */
const LEAST = 1e-9;

function edgeTaps(softness: number, radius: number): number[] {
  const taps = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * softness ** 2)),
  );
  const sum = taps.reduce((a, b) => a + b);
  return taps.map((tap) => tap / sum);
}

/** Every row filtered, and the square turned over its diagonal, so that a second time filters its columns. */
function softenedRows(square: Float64Array, size: number, taps: readonly number[]): Float64Array {
  const radius = (taps.length - 1) / 2;
  const out = new Float64Array(square.length);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      out[x * size + y] = taps.reduce(
        (sum, tap, i) => sum + tap * square[y * size + borderIndex("reflect101", x + i - radius, size)]!,
        0,
      );
  return out;
}
