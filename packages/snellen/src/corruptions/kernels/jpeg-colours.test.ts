// Oracle: JFIF's formulas in floating point.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { fromPlanes, layOutScratch, type Planes, RGB_SLACK, toPlanes } from "./jpeg.ts";
import { type KernelMemory, withKernelMemory } from "./kernels.ts";

const upTo16 = (size: number): number => 16 * Math.ceil(size / 16);

/** Room for the row above, the stripe, and the row below. */
function layOutPlanes(memory: KernelMemory, width: number): Planes {
  const wide = upTo16(width);
  const [luma, blue, red] = [memory.bytes(17 * wide), memory.bytes(5 * wide), memory.bytes(5 * wide)];
  return { wide, luma, blue, red };
}

const noise = (seed: number, count: number): Uint8Array =>
  Uint8Array.from(randomStream(seed).uniforms(count), (u) => 256 * u);

describe.each([
  [32, 16],
  [33, 15],
  [47, 7],
  [46, 2],
])("%i × %i", (width, rows) => {
  it("has JFIF's luma everywhere and its chroma on average, edges repeated", () => {
    const data = noise(1, width * rows * 3);
    const { wide, luma, blue, red } = withKernelMemory(20_000, (memory) => {
      const rgb = memory.bytes(data.length + RGB_SLACK);
      rgb.set(data);
      const planes = layOutPlanes(memory, width);
      toPlanes(rgb, width, rows, planes, layOutScratch(memory, planes.wide));
      return {
        wide: planes.wide,
        luma: planes.luma.slice(),
        blue: planes.blue.slice(),
        red: planes.red.slice(),
      };
    });
    const at = (x: number, y: number, weights: readonly number[]) => {
      const from = 3 * (Math.min(y, rows - 1) * width + Math.min(x, width - 1));
      return weights.reduce((sum, weight, c) => sum + weight * data[from + c]!, 0);
    };
    for (let y = 0; y < 16; y++)
      for (let x = 0; x < wide; x++)
        expect(Math.abs(luma[y * wide + x]! - at(x, y, [0.299, 0.587, 0.114]))).toBeLessThan(0.501);
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < wide / 2; x++)
        for (const [plane, weights] of [
          [blue, [-0.168736, -0.331264, 0.5]],
          [red, [0.5, -0.418688, -0.081312]],
        ] as const) {
          // below the picture, the last row of the chroma itself is repeated
          const top = 2 * Math.min(y, Math.ceil(rows / 2) - 1);
          const four = [0, 1].flatMap((dy) => [0, 1].map((dx) => at(2 * x + dx, top + dy, weights)));
          const mean = 128 + four.reduce((a, b) => a + b) / 4;
          // each of the four is rounded, and their mean again
          expect(Math.abs(plane[(y * wide) / 2 + x]! - mean)).toBeLessThan(1.01);
        }
  });

  it("has JFIF's colours again, chroma three parts of the nearest and one of the next, along and across", () => {
    const made = withKernelMemory(20_000, (memory) => {
      const planes = layOutPlanes(memory, width);
      planes.luma.set(noise(2, planes.luma.length));
      planes.blue.set(noise(3, planes.blue.length));
      planes.red.set(noise(4, planes.red.length));
      const rgb = memory.bytes(17 * width * 3 + RGB_SLACK);
      fromPlanes(planes, [0, 17], rgb, width, layOutScratch(memory, planes.wide));
      return {
        rgb: rgb.slice(),
        ...planes,
        luma: planes.luma.slice(),
        blue: planes.blue.slice(),
        red: planes.red.slice(),
      };
    });
    const { wide } = made;
    const last = Math.ceil(width / 2) - 1;
    const chroma = (plane: Uint8Array, x: number, y: number): number => {
      const [hereX, hereY] = [x >> 1, (y + 1) >> 1];
      const nearX = Math.max(0, Math.min(last, hereX + (x & 1 ? 1 : -1)));
      const nearY = hereY + (y & 1 ? -1 : 1);
      const at = (column: number, row: number) => plane[(row * wide) / 2 + column]! - 128;
      const blended = (row: number) => 0.75 * at(hereX, row) + 0.25 * at(nearX, row);
      return 0.75 * blended(hereY) + 0.25 * blended(nearY);
    };
    for (let y = 0; y < 17; y++)
      for (let x = 0; x < width; x++) {
        const luma = made.luma[y * wide + x]!;
        const [blue, red] = [chroma(made.blue, x, y), chroma(made.red, x, y)];
        const colours = [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue];
        for (const [c, colour] of colours.entries()) {
          const off = made.rgb[3 * (y * width + x) + c]! - Math.max(0, Math.min(255, colour));
          // chroma is rounded before it is weighted
          expect(Math.abs(off)).toBeLessThan(0.5 * 1.772 + 0.501);
        }
      }
  });
});

it("rounds what chroma counts alike for every value of it", () => {
  const shift = (weight: number, chroma: number) => Math.floor(weight * chroma + 0.5);
  for (let chroma = 0; chroma < 256; chroma++) {
    const pixel = withKernelMemory(20_000, (memory) => {
      const planes = layOutPlanes(memory, 16);
      planes.luma.fill(128);
      planes.blue.fill(chroma);
      planes.red.fill(chroma);
      const rgb = memory.bytes(48 + RGB_SLACK);
      fromPlanes(planes, [0, 1], rgb, 16, layOutScratch(memory, 16));
      return [...rgb.subarray(0, 3)];
    });
    const c = chroma - 128;
    const expected = [shift(1.402, c), shift(-0.344136 - 0.714136, c), shift(1.772, c)];
    expect(pixel).toEqual(expected.map((value) => Math.max(0, Math.min(255, 128 + value))));
  }
});
