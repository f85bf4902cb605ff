// `.npy` files: whole arrays in and out, and single slots of a batch too large for memory.
// The format itself is in `images/npy.ts`.
import { type FileHandle, open } from "node:fs/promises";
import { ImageError } from "@snellen/graph";
import { decodeNpy, encodeNpy, type NpyArray, npyHeaderBytes, parseNpyHeader } from "../images/npy.ts";
import { writeFileAtomic } from "./files.ts";
import { readWhole } from "./read-bytes.ts";

/** Largest array that `readNpy` takes into memory. */
const LARGEST_ARRAY_BYTES = 2 ** 31;

/** Writes a float32 array of any rank. @throws UsageError `output-not-writable`. */
export const writeNpy = (path: string, array: NpyArray): Promise<void> =>
  writeFileAtomic(path, encodeNpy(array));

/** Reads a whole float32 array. @throws ImageError `bad-npy`, `image-not-found`. */
export async function readNpy(path: string): Promise<NpyArray> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    if (size > LARGEST_ARRAY_BYTES) {
      throw new ImageError("bad-npy", `takes ${size} bytes, more than 2 GiB.`, { where: path });
    }
    return decodeNpy(await readWhole(file, 0, size, refusal(path)), path);
  });
}

/** A batch in a file, of which slots are read one at a time. */
export interface NpyBatch {
  readonly count: number;
  /** Shape of one slot. */
  readonly shape: readonly number[];
  readonly read: (index: number) => Promise<Float32Array>;
}

/**
 * Opens an array of [N, …slot] (or of one slot) as a batch; the file is read slot by slot, and no handle stays open between.
 * @param slotRank dimensions of one slot.
 * @throws ImageError `bad-npy` (an array of another rank too), `image-not-found`.
 */
export async function openNpyBatch(path: string, slotRank: number): Promise<NpyBatch> {
  const header = await withFile(path, async (file) => {
    const { size } = await file.stat();
    return parseNpyHeader(
      await readWhole(file, 0, Math.min(size, npyHeaderBytes), refusal(path)),
      size,
      path,
    );
  });
  const shape = header.shape.slice(-slotRank);
  const count = header.shape.length === slotRank ? 1 : header.shape[0]!;
  if (header.shape.length < slotRank || header.shape.length > slotRank + 1) {
    throw new ImageError(
      "bad-npy",
      `has shape [${header.shape.join(", ")}], expected ${slotRank + 1} dimensions.`,
      {
        where: path,
        hint: "Save a preprocessed batch as [N, channels, height, width].",
      },
    );
  }
  const bytes = 4 * shape.reduce((size, dim) => size * dim, 1);
  const read = (index: number) =>
    withFile(path, async (file) => {
      const slot = await readWhole(file, header.dataOffset + index * bytes, bytes, refusal(path));
      return new Float32Array(slot.buffer, slot.byteOffset, bytes / 4);
    });
  return { count, shape, read };
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path).catch((cause) => {
    throw new ImageError("image-not-found", `cannot be opened: ${(cause as Error).message}.`, {
      where: path,
      cause,
    });
  });
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

const refusal =
  (path: string) =>
  (reason: string): ImageError =>
    new ImageError("bad-npy", reason, { where: path });
