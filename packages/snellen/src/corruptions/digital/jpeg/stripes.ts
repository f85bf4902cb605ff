// A picture through JPEG's loss, sixteen rows at a time: what a file would keep of it, byte by byte, without the file. Stripes overlap
// by a row, for colour is spread to the pixels above and below.
import type { Pixels } from "../../corruption.ts";
import {
  fromPlanes,
  layOutScratch,
  layOutSteps,
  type Planes,
  quantiseBlocks,
  RGB_SLACK,
  STEPS_BYTES,
  scratchBytes,
  toPlanes,
} from "../../kernels/jpeg.ts";
import { type KernelMemory, withKernelMemory } from "../../kernels/kernels.ts";
import type { QuantisationTables } from "./tables.ts";

/** Rows of luma in a stripe; a half as many of chroma. */
const STRIPE = 16;
/** The stripe, and the row above it. */
const LUMA_ROWS = 1 + STRIPE;
/** The stripe, and one row on either side. */
const CHROMA_ROWS = 2 + STRIPE / 2;

/** What is left of the pixels when coefficients have been rounded to the tables' steps: `width * height * 3` bytes of their own. */
export function throughJpeg({ width, height, data }: Pixels, tables: QuantisationTables): Uint8Array {
  const wide = 16 * Math.ceil(width / 16);
  const half = wide / 2;
  const out = new Uint8Array(data.length);
  withKernelMemory(bytesFor(width, wide), (memory) => {
    const rgb = memory.bytes(LUMA_ROWS * width * 3 + RGB_SLACK);
    const planes = layOutPlanes(memory, wide);
    const stripe = stripeOf(planes);
    const scratch = layOutScratch(memory, wide);
    const luminance = layOutSteps(memory, tables.luminance);
    const chrominance = layOutSteps(memory, tables.chrominance);
    for (let top = 0; top < height; top += STRIPE) {
      const rows = Math.min(STRIPE, height - top);
      rgb.set(data.subarray(top * width * 3, (top + rows) * width * 3));
      toPlanes(rgb, width, rows, stripe, scratch);
      quantiseBlocks(stripe.luma, wide, luminance, scratch);
      quantiseBlocks(stripe.blue, half, chrominance, scratch);
      quantiseBlocks(stripe.red, half, chrominance, scratch);
      const isLast = top + rows === height;
      if (top === 0) copyChroma(planes, 1, 0);
      if (isLast) copyChroma(planes, Math.ceil(rows / 2), Math.ceil(rows / 2) + 1);
      const from = top === 0 ? 1 : 0;
      const to = isLast ? rows + 1 : STRIPE;
      fromPlanes(planes, [from, to], rgb, width, scratch);
      out.set(rgb.subarray(0, (to - from) * width * 3), (top + from - 1) * width * 3);
      planes.luma.copyWithin(0, STRIPE * wide);
      copyChroma(planes, STRIPE / 2, 0);
    }
  });
  return out;
}

const bytesFor = (width: number, wide: number): number =>
  LUMA_ROWS * (width * 3 + wide) + CHROMA_ROWS * wide + RGB_SLACK + scratchBytes(wide) + 2 * STEPS_BYTES;

const layOutPlanes = (memory: KernelMemory, wide: number): Planes => ({
  wide,
  luma: memory.bytes(LUMA_ROWS * wide),
  blue: memory.bytes((CHROMA_ROWS * wide) / 2),
  red: memory.bytes((CHROMA_ROWS * wide) / 2),
});

/** The planes without the rows around the stripe. */
const stripeOf = ({ wide, luma, blue, red }: Planes): Planes => ({
  wide,
  luma: luma.subarray(wide),
  blue: blue.subarray(wide / 2, -wide / 2),
  red: red.subarray(wide / 2, -wide / 2),
});

function copyChroma({ wide, blue, red }: Planes, from: number, to: number): void {
  const half = wide / 2;
  blue.copyWithin(to * half, from * half, (from + 1) * half);
  red.copyWithin(to * half, from * half, (from + 1) * half);
}
