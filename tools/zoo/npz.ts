// Reads NumPy's .npz (a zip of .npy members, stored or deflated) for the developer tools; little-endian float and integer arrays.
// Formats: PKWARE APPNOTE 6.3 (central directory, zip64 sizes), NumPy format version 1 to 3.
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

export interface NpyArray {
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;
}

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;

/** All arrays of the file, by name. */
export function readNpz(path: string): Map<string, NpyArray> {
  const file = openSync(path, "r");
  try {
    const size = statSync(path).size;
    const read = (offset: number, length: number): Buffer => {
      const buffer = Buffer.alloc(length);
      readSync(file, buffer, 0, length, offset);
      return buffer;
    };
    const tail = read(Math.max(0, size - 66_000), Math.min(size, 66_000));
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
    if (end < 0 || tail.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error(`${path} is not a zip file`);
    const directory = read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    return new Map(entriesOf(directory).map((e) => [e.name.replace(/\.npy$/, ""), readNpy(member(e, read))]));
  } finally {
    closeSync(file);
  }
}

interface Entry {
  readonly name: string;
  readonly isDeflated: boolean;
  readonly length: number;
  readonly offset: number;
}

function entriesOf(directory: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY; ) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) =>
      directory.readUInt16LE(at + o),
    ) as [number, number, number];
    entries.push({
      name: directory.toString("utf8", at + 46, at + 46 + nameLength),
      isDeflated: directory.readUInt16LE(at + 10) === 8,
      length: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

function member(entry: Entry, read: (offset: number, length: number) => Buffer): Buffer {
  const header = read(entry.offset, 30);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const bytes = read(start, entry.length);
  return entry.isDeflated ? inflateRawSync(bytes) : bytes;
}

const ARRAYS = {
  "<f4": Float32Array,
  "<f8": Float64Array,
  "<i8": BigInt64Array,
  "<i4": Int32Array,
  "|u1": Uint8Array,
} as const;

function readNpy(bytes: Buffer): NpyArray {
  const wide = (bytes[6] ?? 1) >= 2;
  const start = wide ? 12 + bytes.readUInt32LE(8) : 10 + bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", wide ? 12 : 10, start);
  const type = /'descr': '([^']+)'/.exec(header)?.[1] as keyof typeof ARRAYS;
  const dims = [...(/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? "").matchAll(/\d+/g)].map((m) =>
    Number(m[0]),
  );
  const ArrayType = ARRAYS[type];
  if (ArrayType === undefined || /'fortran_order': True/.test(header)) throw new Error(`npy of ${header}`);
  const body = Uint8Array.prototype.slice.call(bytes, start);
  return { dims, data: new ArrayType(body.buffer as ArrayBuffer) };
}
