// Targets' values as the tensors that a graph takes.
import { Tensor } from "onnxruntime-common";
import type { TargetKind, TargetValues } from "./targets/target.ts";

/** A tensor for each of a kind's inputs, a row an image; zeros for images without values. */
export function feedsOf(
  kind: TargetKind,
  rows: readonly (TargetValues | undefined)[],
  nameOf: (input: string) => string,
): Record<string, Tensor> {
  const feeds = kind.inputs.map(({ name, dataType, dims }, i): [string, Tensor] => {
    const length = dims.reduce((n, d) => n * d, 1);
    const values = rows.flatMap((row) => Array.from({ length }, (_, j) => row?.[i]?.[j] ?? 0));
    const data = dataType === "int64" ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
    return [nameOf(name), new Tensor(dataType, data as never, [rows.length, ...dims])];
  });
  return Object.fromEntries(feeds);
}
