// What is known of a value at one probe (one concrete batch size): type, dimensions and, for small tensors such as shapes,
// the contents. Shape functions work on these plain numbers; `shapes.ts` compares probes to learn what follows the batch.
import type { DataType } from "../data-type.ts";
import type { Graph, Node } from "../model.ts";
import { isExternal, type Tensor, tensorNumbers } from "../tensor.ts";

/** What is known of a value at one batch size: element type, dimensions and, where they are small, its contents. */
export interface ValueType {
  readonly dataType: DataType;
  readonly dims: readonly number[];
  /** Contents in row-major order when known and small (at most `MAX_KNOWN_ELEMENTS`); booleans as 0 and 1. */
  readonly value?: readonly number[];
}

/** Larger contents are not followed: shape arithmetic is small, and index tables need only their shape. */
export const MAX_KNOWN_ELEMENTS = 4096;

export type InferSubgraph = (
  graph: Graph,
  inputs?: readonly ValueType[],
) => readonly (ValueType | undefined)[];

/** What a shape function sees of a node. */
export interface ShapeContext {
  readonly node: Node;
  /** One entry per input name; undefined where the input is absent or nothing is known of it. */
  readonly inputs: readonly (ValueType | undefined)[];
  /** Version of the node's operator set. */
  readonly opset: number;
  /** Types of a sub-graph's outputs from those of its inputs, for control flow; it sees the values around the node. */
  readonly inferSubgraph: InferSubgraph;
}

/** Types of the outputs, one per output; undefined where they cannot be known without running. */
export type ShapeFunction = (context: ShapeContext) => readonly (ValueType | undefined)[];

const READABLE: ReadonlySet<DataType> = new Set([
  "float32",
  "float64",
  "int64",
  "int32",
  "bool",
  "uint8",
  "int8",
  "int16",
  "uint16",
  "uint32",
  "float16",
  "bfloat16",
]);

/** Type of a constant, with its contents when they are small; read when first asked for, as most weights never are. */
export function typeOfTensor(tensor: Tensor): ValueType {
  const { dataType, dims } = tensor;
  const count = dims.reduce((n, d) => n * d, 1);
  const readable = count <= MAX_KNOWN_ELEMENTS && !isExternal(tensor) && READABLE.has(dataType);
  return readable ? readLater(tensor) : { dataType, dims };
}

/** An own getter, not a class, so that a copy by spreading keeps the contents. */
function readLater(tensor: Tensor): ValueType {
  let numbers: readonly number[] | undefined;
  return {
    dataType: tensor.dataType,
    dims: tensor.dims,
    get value() {
      return (numbers ??= tensorNumbers(tensor));
    },
  };
}
