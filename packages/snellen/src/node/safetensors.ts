// Weights as a safetensors file, which PyTorch and others load without running anything; and what one says of its parameters.
// Format: github.com/huggingface/safetensors (length of the header in 8 bytes, JSON header, the tensors without gaps).
import { type FileHandle, open } from "node:fs/promises";
import {
  byteLengthOf,
  type DataType,
  elementCount,
  ModelError,
  type ReadRange,
  type Tensor,
} from "@snellen/graph";
import { isRecord, jsonOf } from "../json.ts";
import {
  isVector,
  type TrainingParameter,
  type TrainingParameters,
} from "../normalization/naming/training-parameters.ts";
import { externalParts } from "./external-parts.ts";
import { writeFileAtomic } from "./files.ts";
import { readWhole } from "./read-bytes.ts";

/** The format's names of the floating-point types. */
const TYPES: { readonly [type in DataType]?: string } = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
};

/** The header's entry for text. */
const METADATA = "__metadata__";

/**
 * Writes every floating-point tensor under its name; others are left out.
 * @param read reads tensors that are not in memory
 * @param metadata text beside the tensors
 * @returns how many were written
 * @throws UsageError `output-not-writable`; ModelError `truncated-external-data`
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  read?: ReadRange,
  metadata?: Readonly<Record<string, string>>,
): Promise<number> {
  // wide types first: then each lies at a multiple of its own width
  const entries = [...tensors]
    .filter(([, { dataType }]) => TYPES[dataType] !== undefined)
    .sort(([, a], [, b]) => byteLengthOf(b.dataType, 1) - byteLengthOf(a.dataType, 1));
  await writeFileAtomic(path, content(entries, read, metadata));
  return entries.length;
}

async function* content(
  entries: readonly (readonly [string, Tensor])[],
  read: ReadRange | undefined,
  metadata: Readonly<Record<string, string>> | undefined,
): AsyncGenerator<Uint8Array> {
  let end = 0;
  const rows = entries.map(([name, { dataType, dims }]) => {
    const begin = end;
    end += byteLengthOf(dataType, elementCount(dims));
    return [name, { dtype: TYPES[dataType], shape: dims, data_offsets: [begin, end] }] as const;
  });
  const header = { ...(metadata === undefined ? {} : { [METADATA]: metadata }), ...Object.fromEntries(rows) };
  const json = Buffer.from(JSON.stringify(header));
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
  yield* externalParts(name, { ...data, length: total }, read);
}

/** As the format has it: longer headers are refused. */
const LONGEST_HEADER = 100_000_000;

/** Vectors up to this size are read: one number a channel, and no file makes us read more than it is worth. */
const LARGEST_VECTOR_BYTES = 1 << 20;

/**
 * Names and shapes of the floating-point tensors of a file of any size, with the numbers of those that have one axis longer than 1.
 * @throws ModelError `unreadable-file`, `bad-safetensors`
 */
export async function readSafetensors(path: string): Promise<TrainingParameters> {
  const file = await open(path).catch(refuseUnreadable(path));
  try {
    const { entries, dataStart } = await readHeader(file, path);
    const parameters: TrainingParameter[] = [];
    for (const { name, dataType, shape, begin, end } of entries) {
      const isRead = isVector(shape) && end - begin <= LARGEST_VECTOR_BYTES;
      const data = isRead ? await readWhole(file, dataStart + begin, end - begin, refusal(path)) : undefined;
      parameters.push({
        name,
        shape,
        ...(data === undefined ? {} : { tensor: { dataType, dims: shape, data } }),
      });
    }
    return { parameters, isOrdered: false };
  } finally {
    await file.close();
  }
}

/** Everything in a file. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a whole file into memory.
 * @param largest bytes that are not read beyond
 * @throws ModelError `unreadable-file`, `bad-safetensors`
 */
export async function readSafetensorsContent(path: string, largest: number): Promise<SafetensorsContent> {
  const file = await open(path).catch(refuseUnreadable(path));
  try {
    const { entries, dataStart, metadata } = await readHeader(file, path);
    const total = entries.reduce((sum, { begin, end }) => sum + end - begin, 0);
    if (total > largest)
      throw new ModelError(
        "bad-safetensors",
        `holds ${total} bytes, where at most ${largest} were expected.`,
        {
          where: path,
          hint: "Check the path.",
        },
      );
    const tensors = new Map<string, Tensor>();
    for (const { name, dataType, shape, begin, end } of entries)
      tensors.set(name, {
        dataType,
        dims: shape,
        data: await readWhole(file, dataStart + begin, end - begin, refusal(path)),
      });
    return { tensors, metadata };
  } finally {
    await file.close();
  }
}

/** What to do with a file system's error. */
export const refuseUnreadable =
  (path: string) =>
  (cause: unknown): never => {
    throw new ModelError("unreadable-file", "cannot be read.", {
      where: path,
      hint: "Check the path.",
      cause,
    });
  };

interface Entry {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /** Bytes after the header. */
  readonly begin: number;
  readonly end: number;
}

interface Header {
  readonly entries: readonly Entry[];
  /** Where the tensors begin in the file. */
  readonly dataStart: number;
  readonly metadata: Readonly<Record<string, string>>;
}

const refusal =
  (path: string) =>
  (what: string): ModelError =>
    new ModelError("bad-safetensors", what, {
      where: path,
      hint: "Save one with safetensors.torch.save_file(model.state_dict(), path).",
    });

async function readHeader(file: FileHandle, path: string): Promise<Header> {
  const fail = (why: string): ModelError => refusal(path)(`is no safetensors file: ${why}.`);
  const stat = await file.stat();
  const size = stat.isFile() ? stat.size : 0;
  if (size < 8) throw fail("it is too short");
  const length = Number(
    new DataView((await readWhole(file, 0, 8, refusal(path))).buffer).getBigUint64(0, true),
  );
  const dataStart = 8 + length;
  if (length > LONGEST_HEADER || dataStart > size) throw fail("its header would be longer than the file");
  const header = parsedHeader(new TextDecoder().decode(await readWhole(file, 8, length, refusal(path))));
  if (header === undefined) throw fail("its header is not JSON as the format has it");
  const outside = header.entries.find(
    ({ dataType, shape, begin, end }) =>
      end - begin !== byteLengthOf(dataType, elementCount(shape)) || end > size - dataStart,
  );
  if (outside !== undefined) throw fail(`"${outside.name}" does not lie where its shape says`);
  return { ...header, dataStart };
}

/** Undefined where an entry is not as the format has it; tensors of other types than floating-point are left out. */
function parsedHeader(json: string): Omit<Header, "dataStart"> | undefined {
  const header = jsonOf(json);
  if (!isRecord(header)) return undefined;
  const entries: Entry[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) continue;
    if (!isEntry(entry)) return undefined;
    const dataType = DATA_TYPES.get(entry.dtype);
    const [begin, end] = entry.data_offsets;
    if (dataType !== undefined) entries.push({ name, dataType, shape: entry.shape, begin, end });
  }
  return { entries, metadata: textsOf(header[METADATA]) };
}

const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );

interface WrittenEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const isEntry = (value: unknown): value is WrittenEntry =>
  isRecord(value) &&
  typeof value.dtype === "string" &&
  areCounts(value.shape) &&
  areCounts(value.data_offsets) &&
  value.data_offsets.length === 2;

const areCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const DATA_TYPES: ReadonlyMap<string, DataType> = new Map(
  Object.entries(TYPES).map(([type, name]) => [name, type as DataType]),
);
