// JPEG's kernels, on views of the kernels' memory. What they do stands in `assembly/jpeg-*.ts`.
import { type KernelMemory, kernels } from "./kernels.ts";

export interface JpegExports {
  readonly toPlanes: (
    rgb: number,
    width: number,
    rows: number,
    luma: number,
    blue: number,
    red: number,
    wide: number,
    padded: number,
  ) => void;
  readonly quantiseBlocks: (
    samples: number,
    width: number,
    height: number,
    steps: number,
    reciprocals: number,
    block: number,
  ) => void;
  readonly fromPlanes: (
    luma: number,
    blue: number,
    red: number,
    wide: number,
    from: number,
    to: number,
    rgb: number,
    width: number,
    blended: number,
  ) => void;
}

/** Luma of every pixel, chroma of every 2 × 2. */
export interface Planes {
  /** Of the luma, in samples: a multiple of 16. */
  readonly wide: number;
  readonly luma: Uint8Array;
  readonly blue: Uint8Array;
  readonly red: Uint8Array;
}

/** Where kernels keep what they work on. */
export interface Scratch {
  readonly rows: Uint8Array;
  readonly block: Uint8Array;
}

/** Steps that coefficients are rounded to, and what they are multiplied by for it. */
export interface Steps {
  readonly steps: Uint8Array;
  readonly reciprocals: Float32Array;
}

/** Bytes of rgb behind the last pixel that a kernel may touch. */
export const RGB_SLACK = 48;

export const scratchBytes = (wide: number): number => 6 * wide + 64 + 128;

export const layOutScratch = (memory: KernelMemory, wide: number): Scratch => ({
  rows: memory.bytes(6 * wide + 64),
  block: memory.bytes(128),
});

export const STEPS_BYTES = 64 + 256;

/** So much more makes sure of halves, and moves nothing else: coefficients are whole, and at most 2¹³ when eight times too large. */
const MORE = 1 + 2 ** -18;

/** @param table 64 whole numbers from 1 to 255 */
export function layOutSteps(memory: KernelMemory, table: Int32Array): Steps {
  const steps = memory.bytes(64);
  const reciprocals = memory.floats(64);
  steps.set(table);
  reciprocals.set(Array.from(table, (step) => MORE / (8 * step)));
  return { steps, reciprocals };
}

/** Up to 16 rows of RGB, the last repeated, to planes of 16 rows. */
export const toPlanes = (
  rgb: Uint8Array,
  width: number,
  rows: number,
  planes: Planes,
  scratch: Scratch,
): void =>
  kernels.toPlanes(
    rgb.byteOffset,
    width,
    rows,
    planes.luma.byteOffset,
    planes.blue.byteOffset,
    planes.red.byteOffset,
    planes.wide,
    scratch.rows.byteOffset,
  );

/** Rounds the coefficients of all blocks of 8 × 8 samples, in place. */
export const quantiseBlocks = (
  samples: Uint8Array,
  width: number,
  { steps, reciprocals }: Steps,
  { block }: Scratch,
): void =>
  kernels.quantiseBlocks(
    samples.byteOffset,
    width,
    samples.length / width,
    steps.byteOffset,
    reciprocals.byteOffset,
    block.byteOffset,
  );

/** RGB of some rows of the luma. Its row 0 is the last one of the stripe above, and so is that of the chroma. */
export const fromPlanes = (
  planes: Planes,
  [from, to]: readonly [number, number],
  rgb: Uint8Array,
  width: number,
  scratch: Scratch,
): void =>
  kernels.fromPlanes(
    planes.luma.byteOffset,
    planes.blue.byteOffset,
    planes.red.byteOffset,
    planes.wide,
    from,
    to,
    rgb.byteOffset,
    width,
    scratch.rows.byteOffset,
  );
