// NumPy's .npy format (version 1 and 2) for float32 arrays: the codec, without files.
// Source: NumPy documentation, numpy.lib.format.
import { ImageError, InternalError } from "@snellen/graph";

export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a header says: the array's shape, and where its values start in the file. */
export interface NpyHeader {
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
/** Values start at a multiple of this, so that they can be mapped as vectors. */
const ALIGNMENT = 64;
/** NumPy refuses longer headers unless told to trust the file. */
const LARGEST_HEADER = 10_000;

/** Bytes that surely hold the header of any array that we read. */
export const npyHeaderBytes = 12 + LARGEST_HEADER;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);

/** An array as the bytes of an `.npy` file (float32, C order). */
export function encodeNpy({ shape, values }: NpyArray): Uint8Array {
  if (values.length !== sizeOf(shape))
    throw new InternalError(`${values.length} values for shape [${shape}]`);
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const dataOffset = Math.ceil((10 + fields.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(dataOffset + values.byteLength);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, dataOffset - 10, true);
  const header = `${fields.padEnd(dataOffset - 11)}\n`;
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), dataOffset);
  return bytes;
}

/**
 * Reads the header at the start of a file and checks that the whole file holds the array.
 *
 * @param start the first `npyHeaderBytes` bytes, or the whole file where it is shorter.
 * @param fileBytes length of the whole file.
 * @throws ImageError `bad-npy`: not NumPy, not float32, Fortran order, or values missing.
 */
export function parseNpyHeader(start: Uint8Array, fileBytes: number, file: string): NpyHeader {
  const fail = (what: string, hint?: string) => new ImageError("bad-npy", what, { where: file, hint });
  if (start.length < 12 || MAGIC.some((byte, i) => start[i] !== byte)) throw fail("not an .npy file.");
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const version = start[6]!;
  const lengthBytes = version === 1 ? 2 : 4;
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataOffset = 8 + lengthBytes + headerLength;
  if (headerLength > LARGEST_HEADER || dataOffset > start.length)
    throw fail("its header is cut off or too long.");
  const text = new TextDecoder().decode(start.subarray(8 + lengthBytes, dataOffset));
  const type = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  if (type !== "<f4") {
    throw fail(
      `holds ${type ?? "a record type"}, expected float32 (<f4).`,
      "Save it with x.astype('float32').",
    );
  }
  if (!/'fortran_order':\s*False/.test(text)) {
    throw fail("is in Fortran order.", "Save it with numpy.ascontiguousarray(x).");
  }
  const dims = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (dims === undefined) throw fail("its header has no shape.");
  const shape = dims
    .split(",")
    .filter((dim) => dim.trim() !== "")
    .map(Number);
  const needed = dataOffset + 4 * sizeOf(shape);
  if (needed !== fileBytes) {
    throw fail(
      `shape [${shape.join(", ")}] takes ${needed} bytes with its header, the file has ${fileBytes}.`,
    );
  }
  return { shape, dataOffset };
}

/** The array in the bytes of an `.npy` file; the values are a copy. */
export function decodeNpy(bytes: Uint8Array, file: string): NpyArray {
  const { shape, dataOffset } = parseNpyHeader(bytes, bytes.length, file);
  return { shape, values: new Float32Array(bytes.slice(dataOffset).buffer) };
}
