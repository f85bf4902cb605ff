// The WebAssembly kernels and the memory that they work in. Views of it hold for one piece of work only, so that the memory stays as
// small as the largest piece: everything is laid out anew each time.
import { InternalError } from "@snellen/graph";
import type { BoxExports } from "./boxes.ts";
import type { JpegExports } from "./jpeg.ts";
import { MODULE_BASE64 } from "./module.ts";

interface Exports extends BoxExports, JpegExports {
  readonly weightedSum: (out: number, count: number, taps: number, rows: number, weights: number) => void;
  readonly fromBytes: (bytes: number, floats: number, count: number) => void;
  readonly toBytes: (floats: number, bytes: number, count: number, slack: number) => void;
}

const PAGE = 65_536;
/** A kernel may read a vector beyond the last number. */
const ALIGNMENT = 16;

const memory = new WebAssembly.Memory({ initial: 1 });
export const kernels = instantiate();
let busy = false;

/** Small enough to be compiled at once, on a page's main thread too. */
function instantiate(): Exports {
  const bytes = Uint8Array.from(atob(MODULE_BASE64), (character) => character.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return exports as unknown as Exports;
}

/** Hands out parts of the kernels' memory, one after the other; what they hold at first is anybody's. */
export interface KernelMemory {
  readonly floats: (count: number) => Float32Array;
  readonly addresses: (count: number) => Uint32Array;
  readonly bytes: (count: number) => Uint8Array;
}

/**
 * Runs work that needs so many bytes of the kernels' memory; views of it must not be kept.
 * @throws InternalError where such work is under way already, or takes more than it said
 */
export function withKernelMemory<T>(bytes: number, work: (memory: KernelMemory) => T): T {
  if (busy) throw new InternalError("the kernels' memory is in use.");
  const pages = Math.ceil((bytes + PAGE) / PAGE) - memory.buffer.byteLength / PAGE;
  if (pages > 0) memory.grow(pages);
  busy = true;
  try {
    return work(layOut(bytes + PAGE));
  } finally {
    busy = false;
  }
}

/** The first bytes stay unused, so that no address is 0. */
function layOut(end: number): KernelMemory {
  let next = ALIGNMENT;
  const take = (bytes: number): number => {
    const at = next;
    next += Math.ceil(bytes / ALIGNMENT + 1) * ALIGNMENT;
    if (next > end)
      throw new InternalError(`${next} bytes of the kernels' memory, and ${end} were asked for.`);
    return at;
  };
  return {
    floats: (count) => new Float32Array(memory.buffer, take(4 * count), count),
    addresses: (count) => new Uint32Array(memory.buffer, take(4 * count), count),
    bytes: (count) => new Uint8Array(memory.buffer, take(count), count),
  };
}

/** Rows that are added up, by their addresses, and what each counts; all in the kernels' memory. */
export interface WeightedRows {
  readonly rows: Uint32Array;
  readonly weights: Float32Array;
}

/** Address of an entry of a view. */
export const addressOf = (view: Float32Array, index = 0): number => view.byteOffset + 4 * index;

/** out[i] = Σ_k weights[k] · rows[k][i], for all of `out`, which is none of the rows. */
export const weightedSum = (out: Float32Array, { rows, weights }: WeightedRows): void =>
  kernels.weightedSum(out.byteOffset, out.length, rows.length, rows.byteOffset, weights.byteOffset);

/** floats[i] = bytes[i]. */
export const fromBytes = (bytes: Uint8Array, floats: Float32Array): void =>
  kernels.fromBytes(bytes.byteOffset, floats.byteOffset, bytes.length);

/** Sums in single precision may fall short of a whole number by so much. */
const SLACK = 1 / 1024;

/** Cut off below 0 and above 255, then towards zero, as `toByte` but for the precision. */
export const toBytes = (floats: Float32Array, bytes: Uint8Array): void =>
  kernels.toBytes(floats.byteOffset, bytes.byteOffset, bytes.length, SLACK);
