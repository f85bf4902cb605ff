// What is known of a value at one probe (one concrete batch size): type, dimensions and, for small tensors such as shapes,
// the contents. Shape functions work on these plain numbers; `shapes.ts` compares probes to learn what follows the batch.
import type { DataType } from "../data-type.ts";
import type { Node } from "../model.ts";

export interface ValueType {
  readonly dataType: DataType;
  readonly dims: readonly number[];
  /** Contents in row-major order when known and small (at most `MAX_KNOWN_ELEMENTS`); booleans as 0 and 1. */
  readonly value?: readonly number[];
}

/** Larger contents are not followed: shape arithmetic is small, and index tables need only their shape. */
export const MAX_KNOWN_ELEMENTS = 4096;

export interface ShapeContext {
  readonly node: Node;
  /** One entry per input name; undefined where the input is absent or nothing is known of it. */
  readonly inputs: readonly (ValueType | undefined)[];
  /** Version of the node's operator set. */
  readonly opset: number;
}

/** Types of the outputs, one per output; undefined where they cannot be known without running. */
export type ShapeFunction = (context: ShapeContext) => readonly (ValueType | undefined)[];
