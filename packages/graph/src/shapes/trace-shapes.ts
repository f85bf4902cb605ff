// Types of values found by running the model: the fallback for operators without a shape function, and the tests' oracle.
// A `Shape` node on each value gives its dimensions, an empty slice of it its element type; nothing large is copied out.
import { InternalError } from "../errors.ts";
import { type Model, makeNode, type Node, opsetOf, withGraph } from "../model.ts";
import { serializeModel } from "../protobuf.ts";
import { makeTensor, type Tensor, tensorNumbers } from "../tensor.ts";
import { inferNodes } from "./infer.ts";
import type { Shapes } from "./shapes.ts";
import type { ValueType } from "./value-type.ts";

/** Runs a model once; given by whoever has a runtime. Returns the outputs asked for, by name. */
export type RunModel = (
  model: Uint8Array,
  feeds: ReadonlyMap<string, Tensor>,
  outputs: readonly string[],
) => Promise<ReadonlyMap<string, Tensor>>;

/** How many elements these give depends on the input's values: a run would tell of one input only. */
const DATA_DEPENDENT = new Set(["NonZero", "NonMaxSuppression", "Unique", "Compress", "Loop"]);

/** Values of these are no tensors. */
const NO_TENSOR = /^(Sequence(Construct|Empty|Erase|Insert|Map)|SplitToSequence|Optional)$/;

/**
 * Fills in the types that inference left unknown, by one run per probe. What depends on the data, such as what follows a
 * NonMaxSuppression, stays unknown.
 * @param model canonical, at operator set 5 or later
 */
export async function completeShapes(model: Model, shapes: Shapes, run: RunModel): Promise<Shapes> {
  const probes: Map<string, ValueType>[] = [];
  for (const types of shapes.probes) {
    const missing = traceable(model, types);
    if (missing.length === 0) {
      probes.push(types);
      continue;
    }
    const complete = new Map([...types, ...(await traceTypes(model, types, missing, run))]);
    // Once more, because a shape that is now known may be contents further on.
    inferNodes(model.graph, model.opsets, complete);
    probes.push(complete);
  }
  return { ...shapes, probes };
}

/** Values of unknown type, except those that depend on the data. */
function traceable(model: Model, types: ReadonlyMap<string, ValueType>): string[] {
  const excluded = new Set<string>();
  const names: string[] = [];
  for (const node of model.graph.nodes) {
    const missing = node.outputs.filter((name) => name !== "" && !types.has(name));
    const excludes = DATA_DEPENDENT.has(node.opType) || NO_TENSOR.test(node.opType);
    if (excludes || node.inputs.some((name) => excluded.has(name))) for (const n of missing) excluded.add(n);
    else names.push(...missing);
  }
  return names;
}

/**
 * Types of the named values at one probe, by running the model on zeros.
 * @param types holds at least the graph inputs
 */
export async function traceTypes(
  model: Model,
  types: ReadonlyMap<string, ValueType>,
  names: readonly string[],
  run: RunModel,
): Promise<Map<string, ValueType>> {
  const { graph } = model;
  const probes = names.map((name, i) => ({ name, dims: `traced/dims/${i}`, empty: `traced/empty/${i}` }));
  const constants = new Map([
    ["traced/zero", makeTensor("int64", [1], [0n])],
    ["traced/flat", makeTensor("int64", [1], [-1n])],
  ]);
  const nodes = probes.flatMap(({ name, dims, empty }): Node[] => [
    makeNode("Shape", [name], [dims]),
    makeNode("Reshape", [name, "traced/flat"], [`${empty}/flat`]),
    emptySlice(`${empty}/flat`, empty, opsetOf(model)),
  ]);
  const outputs = probes.flatMap(({ dims, empty }) => [dims, empty]);
  const traced = withGraph(model, {
    nodes: [...graph.nodes, ...nodes],
    initializers: new Map([...graph.initializers, ...constants]),
    outputs: outputs.map((name) => ({ name, dataType: undefined, dims: undefined })),
  });
  const results = await run(serializeModel(traced), zeroFeeds(model, types), outputs);
  const tensorOf = (name: string): Tensor => {
    const tensor = results.get(name);
    if (tensor === undefined) throw new InternalError(`the runtime gave no "${name}"`);
    return tensor;
  };
  return new Map(
    probes.map(({ name, dims, empty }) => [
      name,
      { dataType: tensorOf(empty).dataType, dims: tensorNumbers(tensorOf(dims)) },
    ]),
  );
}

const emptySlice = (from: string, to: string, opset: number): Node =>
  opset < 10
    ? makeNode("Slice", [from], [to], { attributes: { starts: [0], ends: [0] } })
    : makeNode("Slice", [from, "traced/zero", "traced/zero"], [to]);

/** Inputs of zeros, as `traceTypes` runs on. */
export function zeroFeeds(model: Model, types: ReadonlyMap<string, ValueType>): Map<string, Tensor> {
  const inputs = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
  return new Map(
    inputs.map(({ name }) => {
      const type = types.get(name);
      if (type === undefined) throw new InternalError(`the type of input "${name}" is not known`);
      const count = type.dims.reduce((n, d) => n * d, 1);
      return [name, makeTensor(type.dataType, type.dims, new Uint8Array(count))];
    }),
  );
}
