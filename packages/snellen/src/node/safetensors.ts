// Weights as a safetensors file, which PyTorch and others load without running anything.
// Format: github.com/huggingface/safetensors (length of the header in 8 bytes, JSON header, the tensors without gaps).
import {
  byteLengthOf,
  type DataType,
  elementCount,
  InternalError,
  type ReadRange,
  type Tensor,
} from "@snellen/graph";
import { writeFileAtomic } from "./files.ts";

/** The format's names of the floating-point types. */
const TYPES: { readonly [type in DataType]?: string } = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

/** External weights pass through memory in parts of this size. */
const COPY_BYTES = 8 << 20;

/**
 * Writes every floating-point tensor under its name; others are left out.
 * @param read reads tensors that are not in memory
 * @returns how many were written
 * @throws UsageError `output-not-writable`
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  read?: ReadRange,
): Promise<number> {
  // wide types first: then each lies at a multiple of its own width
  const entries = [...tensors]
    .filter(([, { dataType }]) => TYPES[dataType] !== undefined)
    .sort(([, a], [, b]) => byteLengthOf(b.dataType, 1) - byteLengthOf(a.dataType, 1));
  await writeFileAtomic(path, content(entries, read));
  return entries.length;
}

async function* content(
  entries: readonly (readonly [string, Tensor])[],
  read: ReadRange | undefined,
): AsyncGenerator<Uint8Array> {
  let end = 0;
  const rows = entries.map(([name, { dataType, dims }]) => {
    const begin = end;
    end += byteLengthOf(dataType, elementCount(dims));
    return [name, { dtype: TYPES[dataType], shape: dims, data_offsets: [begin, end] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(rows)));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
  padded.set(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  yield length;
  yield padded;
  for (const [name, tensor] of entries) yield* bytesOf(name, tensor, read);
}

async function* bytesOf(
  name: string,
  { data, dataType, dims }: Tensor,
  read: ReadRange | undefined,
): AsyncGenerator<Uint8Array> {
  const total = byteLengthOf(dataType, elementCount(dims));
  if (data instanceof Uint8Array) {
    yield data.subarray(0, total);
    return;
  }
  if (read === undefined) throw new InternalError(`external tensor "${name}" without a way to read it`);
  for (let done = 0; done < total; done += COPY_BYTES)
    yield await read({ ...data, offset: data.offset + done, length: Math.min(COPY_BYTES, total - done) });
}
