// A picture's or a field's rows on their way into the kernels' memory and out of it.
import type { Pixels } from "../corruption.ts";
import { fromBytes, type KernelMemory, toBytes } from "../kernels/kernels.ts";
import type { RowShape, RowSource } from "./row-window.ts";

/** Where rows come from and where the results go. */
export interface Rows extends RowSource {
  /** Takes row `y` of the result, `width * channels` values in the kernels' memory, which are used again. */
  readonly take: (row: Float32Array, y: number) => void;
}

/** Makes the rows once the kernels' memory is there, of which they need `bytes`. */
export interface RowPlan extends RowShape {
  readonly bytes: number;
  readonly open: (memory: KernelMemory) => Rows;
}

/** From one RGB picture to another; results are cut off to bytes. */
export function pixelRows({ width, height, data }: Pixels, out: Uint8Array): RowPlan {
  const length = 3 * width;
  const shape = { width, height, channels: 3 };
  return {
    ...shape,
    bytes: length,
    open(memory) {
      const staged = memory.bytes(length);
      return {
        ...shape,
        read(y, into) {
          staged.set(data.subarray(y * length, (y + 1) * length));
          fromBytes(staged, into);
        },
        take(row, y) {
          toBytes(row, staged);
          out.set(staged, y * length);
        },
      };
    },
  };
}

/** From one field of a value a pixel to another. */
export function fieldRows(
  values: Float32Array,
  { width, height }: Pick<Pixels, "width" | "height">,
  out: Float32Array,
): RowPlan {
  const shape = { width, height, channels: 1 };
  return {
    ...shape,
    bytes: 0,
    open: () => ({
      ...shape,
      read: (y, into) => into.set(values.subarray(y * width, (y + 1) * width)),
      take: (row, y) => out.set(row, y * width),
    }),
  };
}
