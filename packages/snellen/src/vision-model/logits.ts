// Finds the value that holds the class scores: before a final Softmax or Sigmoid, whose saturation would kill gradients.
import { BATCH, type GraphBuilder, isFloating, ModelError, UsageError } from "@snellen/graph";

export interface LogitsInfo {
  /** Value of the graph that holds the scores, [N, classes] or [N, …]. */
  readonly value: string;
  /** Number of scores a picture. */
  readonly classes: number;
  /** The graph output it was found from. */
  readonly output: string;
  /** The operator skipped between the two, if any; probabilities are its output. */
  readonly skipped: "Softmax" | "Sigmoid" | undefined;
  /** Dims of `value` after the batch: [classes], or more for dense outputs. */
  readonly shape: readonly number[];
}

/** Operators through which the way back to the final Softmax leads. */
const TRANSPARENT = new Set([
  "Identity",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Cast",
  "QuantizeLinear",
  "DequantizeLinear",
]);
const SATURATING = new Set(["Softmax", "Sigmoid"]);

/**
 * @param wanted name of an output or of any value (`--output`)
 * @throws ModelError `no-logits`; UsageError `unknown-output`
 */
export function findLogits(b: GraphBuilder, outputs: readonly string[], wanted?: string): LogitsInfo {
  if (wanted !== undefined) {
    if (b.shapes.probes[0]?.has(wanted) !== true) {
      throw new UsageError("unknown-output", `the model has no value "${wanted}".`, {
        where: "--output",
        hint: `Its outputs: ${outputs.join(", ")}.`,
      });
    }
    return describeLogits(
      b,
      wanted,
      outputs.includes(wanted) ? beforeSaturation(b, wanted) : { value: wanted, skipped: undefined },
    );
  }
  const best = outputs
    .filter((name) => b.shapes.probes[0]?.has(name) === true)
    .map((name) => ({ name, found: beforeSaturation(b, name) }))
    .filter(({ found }) => isFloating(b.shapes.probes[0]?.get(found.value)?.dataType))
    .map((c) => ({ ...c, rank: likeness(b.dims(c.found.value)) }))
    .sort((a, c) => a.rank - c.rank)[0];
  if (best === undefined) {
    throw new ModelError("no-logits", "no output of known shape holds floating-point scores.", {
      hint: `Name the value to explain: --output <value>. Outputs: ${outputs.join(", ")}.`,
    });
  }
  return describeLogits(b, best.name, best.found);
}

/** Lower is more like a classifier's output: [N, C] before [N, C, 1, 1] before anything else. */
function likeness(dims: readonly number[]): number {
  const rest = dims.slice(1).filter((d) => d !== 1);
  if (dims.length === 2) return 0;
  return rest.length === 1 ? 1 : 2;
}

function beforeSaturation(
  b: GraphBuilder,
  output: string,
): { value: string; skipped: LogitsInfo["skipped"] } {
  let value = output;
  for (let node = b.producer(value); node !== undefined; node = b.producer(value)) {
    if (SATURATING.has(node.opType)) {
      return { value: node.inputs[0] as string, skipped: node.opType as LogitsInfo["skipped"] };
    }
    if (!TRANSPARENT.has(node.opType)) break;
    value = node.inputs[0] as string;
  }
  return { value: dequantized(b, output), skipped: undefined };
}

/** A quantized output is explained by the floating value that was quantized. */
function dequantized(b: GraphBuilder, output: string): string {
  const node = b.producer(output);
  return node?.opType === "QuantizeLinear" || node?.opType === "Cast"
    ? dequantized(b, node.inputs[0] as string)
    : output;
}

function describeLogits(
  b: GraphBuilder,
  output: string,
  found: { value: string; skipped: LogitsInfo["skipped"] },
): LogitsInfo {
  const dims = b.dims(found.value);
  if (dims.length === 0)
    throw new ModelError("no-logits", `output "${output}" is a single number for the whole batch.`, {
      hint: "Name a value with one row a picture: --output <value>.",
    });
  const shape = dims.slice(1);
  if (shape.includes(BATCH))
    throw new ModelError("no-logits", `output "${output}" has more than one axis that follows the batch.`, {
      hint: "Name another value: --output <value>.",
    });
  return {
    value: found.value,
    skipped: found.skipped,
    output,
    classes: shape.reduce((n, d) => n * d, 1),
    shape,
  };
}
