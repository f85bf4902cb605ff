// The parameters of the code that trains a network, as the user gives them: a safetensors file or a JSON list.
// Formats: github.com/huggingface/safetensors; JSON of names and shapes, as one line of Python writes it.
import { type DataType, elementCount, ModelError, type Tensor, UsageError } from "@snellen/graph";

export interface TrainingParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its numbers, where the file holds them. */
  readonly tensor?: Tensor;
}

/** Parameters, and whether they stand in the order in which the code defines them. */
export interface TrainingParameters {
  readonly parameters: readonly TrainingParameter[];
  /** False for safetensors files, whose writers sort by name. */
  readonly isOrdered: boolean;
}

const TYPES: Readonly<Record<string, DataType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
};

const LONGEST_HEADER = 100 << 20;

/**
 * Reads a safetensors file; tensors are views into its bytes, others than floating-point ones are left out.
 * @throws ModelError `bad-safetensors`
 */
export function parseSafetensors(bytes: Uint8Array, where?: string): TrainingParameters {
  const fail = (why: string): never => {
    throw new ModelError("bad-safetensors", `is no safetensors file: ${why}.`, {
      ...(where === undefined ? {} : { where }),
      hint: "Save one with safetensors.torch.save_file(model.state_dict(), path).",
    });
  };
  if (bytes.byteLength < 8) fail("it is shorter than its header");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > bytes.byteLength) fail("its header is longer than the file");
  const header =
    readJson(new TextDecoder().decode(bytes.subarray(8, 8 + length))) ?? fail("its header is no JSON");
  const data = bytes.subarray(8 + length);
  const parameters = Object.entries(header).flatMap(([name, entry]) => {
    if (name === "__metadata__" || !isEntry(entry)) return [];
    const dataType = TYPES[entry.dtype];
    if (dataType === undefined) return [];
    const [begin, end] = entry.data_offsets;
    if (end > data.byteLength || begin > end) fail(`"${name}" lies outside of it`);
    return [
      { name, shape: entry.shape, tensor: { dataType, dims: entry.shape, data: data.subarray(begin, end) } },
    ];
  });
  return { parameters, isOrdered: false };
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((d) => Number.isInteger(d) && d >= 0);

const isEntry = (value: unknown): value is Entry =>
  isObject(value) &&
  typeof value.dtype === "string" &&
  isShape(value.shape) &&
  isShape(value.data_offsets) &&
  value.data_offsets.length === 2;

function readJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a JSON list of parameters in the order of the code: `{"conv1.weight": [64, 3, 7, 7], …}`, `[["conv1.weight", [64, …]], …]`
 * or `[{"name": "conv1.weight", "shape": [64, …]}, …]`.
 * @throws UsageError `bad-parameter-list`
 */
export function parseParameterList(text: string, where?: string): TrainingParameters {
  const json = readJson(text);
  const rows = Array.isArray(json) ? json.map(rowOf) : Object.entries(json ?? {}).map(rowOf);
  const parameters = rows.filter((row): row is TrainingParameter => row !== undefined);
  if (json !== undefined && parameters.length === rows.length && rows.length > 0)
    return { parameters, isOrdered: true };
  throw new UsageError("bad-parameter-list", "is no list of parameters with their shapes.", {
    ...(where === undefined ? {} : { where }),
    hint: "Write one in Python: json.dump({k: list(v.shape) for k, v in model.named_parameters()}, file).",
  });
}

function rowOf(row: unknown): TrainingParameter | undefined {
  const [name, shape] = Array.isArray(row) ? row : isObject(row) ? [row.name, row.shape] : [];
  return typeof name === "string" && isShape(shape) ? { name, shape } : undefined;
}

export const sizeOf = ({ shape }: TrainingParameter): number => elementCount(shape);
