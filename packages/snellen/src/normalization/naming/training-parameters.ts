// The parameters of the code that trains a network, as the user gives them: a safetensors file or a JSON list.
// Formats: github.com/huggingface/safetensors; JSON of names and shapes, as one line of Python writes it.
import { elementCount, type Tensor, UsageError } from "@snellen/graph";
import { isRecord, jsonOf } from "../../json.ts";

/** A parameter of the code that trains a network. */
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

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((d) => Number.isInteger(d) && d >= 0);

/**
 * Reads a JSON list of parameters in the order of the code: `{"conv1.weight": [64, 3, 7, 7], …}`, `[["conv1.weight", [64, …]], …]`
 * or `[{"name": "conv1.weight", "shape": [64, …]}, …]`.
 * @throws UsageError `bad-parameter-list`
 */
export function parseParameterList(text: string, where?: string): TrainingParameters {
  const json = jsonOf(text);
  const given: readonly unknown[] = Array.isArray(json) ? json : isRecord(json) ? Object.entries(json) : [];
  const rows = given.map(rowOf);
  const parameters = rows.filter((row): row is TrainingParameter => row !== undefined);
  if (parameters.length === rows.length && rows.length > 0) return { parameters, isOrdered: true };
  throw new UsageError("bad-parameter-list", "is no list of parameters with their shapes.", {
    ...(where === undefined ? {} : { where }),
    hint: "Write one in Python: json.dump({k: list(v.shape) for k, v in model.named_parameters()}, file).",
  });
}

function rowOf(row: unknown): TrainingParameter | undefined {
  const [name, shape] = Array.isArray(row) ? row : isRecord(row) ? [row.name, row.shape] : [];
  return typeof name === "string" && isShape(shape) ? { name, shape } : undefined;
}

export const sizeOf = ({ shape }: TrainingParameter): number => elementCount(shape);

/** Whether at most one axis is longer than 1. */
export const isVector = (shape: readonly number[]): boolean => shape.filter((d) => d !== 1).length <= 1;
