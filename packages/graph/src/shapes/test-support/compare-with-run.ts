// Compares everything inferred of a model with what a run of it gives, at every probe: types, dimensions and known contents.
// For whole models; small ones are compared in `agrees-with-runtime.ts`.
import { type Model, type Node, withGraph } from "../../model.ts";
import { serializeModel } from "../../protobuf.ts";
import { tensorNumbers } from "../../tensor.ts";
import { inferShapes } from "../shapes.ts";
import { traceTypes, zeroFeeds } from "../trace-shapes.ts";
import type { ValueType } from "../value-type.ts";
import { runWithOnnxRuntime } from "./onnxruntime.ts";

export interface Comparison {
  /** Values whose type was compared, and those whose contents were. */
  readonly types: number;
  readonly contents: number;
  /** Operators whose outputs inference does not know. */
  readonly unknown: readonly string[];
  readonly differences: readonly string[];
}

const text = ({ dataType, dims }: ValueType): string => `${dataType}[${dims.join(",")}]`;

/** Contents equal, up to the last bits that a float's Pow or Exp may differ in. */
const sameContents = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length &&
  a.every((x, i) => Object.is(x, b[i]) || Math.abs(x - (b[i] as number)) <= 1e-6 * Math.abs(x));

export async function compareWithRun(model: Model): Promise<Comparison> {
  const nodes = model.graph.nodes;
  const differences: string[] = [];
  const unknown = new Set<string>();
  let [types, contents] = [0, 0];
  for (const inferred of inferShapes(model).probes) {
    const producers = new Map(
      nodes.flatMap((n) => n.outputs.filter((o) => o !== "").map((o): [string, Node] => [o, n])),
    );
    const traced = await traceTypes(model, inferred, [...producers.keys()], runWithOnnxRuntime);
    const known = [...producers.keys()].filter((name) => inferred.get(name)?.value !== undefined);
    const computed = await contentsOf(model, inferred, known);
    for (const [name, node] of producers) {
      const type = inferred.get(name);
      const found = traced.get(name) as ValueType;
      types += 1;
      if (type === undefined) unknown.add(node.opType);
      else if (text(type) !== text(found))
        differences.push(`${node.opType} "${name}": inferred ${text(type)}, ran ${text(found)}`);
      if (type?.value === undefined) continue;
      contents += 1;
      const values = computed.get(name) as number[];
      if (!sameContents(type.value, values))
        differences.push(
          `${node.opType} "${name}": inferred {${type.value.slice(0, 9)}}, ran {${values.slice(0, 9)}}`,
        );
    }
  }
  return { types, contents, unknown: [...unknown], differences };
}

async function contentsOf(
  model: Model,
  types: ReadonlyMap<string, ValueType>,
  names: readonly string[],
): Promise<Map<string, number[]>> {
  if (names.length === 0) return new Map();
  const outputs = names.map((name) => ({ name, dataType: undefined, dims: undefined }));
  const bytes = serializeModel(withGraph(model, { outputs }));
  const results = await runWithOnnxRuntime(bytes, zeroFeeds(model, types), names);
  return new Map([...results].map(([name, tensor]) => [name, tensorNumbers(tensor)]));
}
