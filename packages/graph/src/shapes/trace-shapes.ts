// Types of values found by running the model: the fallback for operators without a shape function, and the tests' oracle.
// A `Shape` node on each value gives its dimensions, an empty slice of it its element type; nothing large is copied out.
import { InternalError } from "../errors.ts";
import { type Model, makeNode, type Node, opsetOf, valuesReadBy, withGraph } from "../model.ts";
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

/** Inputs whose contents decide an operator's output shape; when they follow the data, a run would tell of one input only. */
const DECIDING_INPUTS: Readonly<Record<string, readonly number[]>> = {
  AffineGrid: [1],
  CenterCropPad: [1],
  Col2Im: [1, 2],
  Compress: [1],
  ConstantOfShape: [0],
  DFT: [1, 2],
  Expand: [1],
  If: [0],
  Loop: [0, 1, 2, 3, 4, 5, 6, 7],
  MaxUnpool: [2],
  NonMaxSuppression: [0, 1, 2, 3, 4],
  NonZero: [0],
  OneHot: [1],
  Pad: [1, 3],
  Range: [0, 1, 2],
  Reshape: [1],
  Resize: [1, 2, 3],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Tile: [1],
  TopK: [1],
  Unique: [0],
  Upsample: [1],
};

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
  const followData = new Set(
    model.graph.inputs.map((v) => v.name).filter((n) => !model.graph.initializers.has(n)),
  );
  const excluded = new Set<string>();
  const names: string[] = [];
  for (const node of model.graph.nodes) {
    const readsDims = node.opType === "Shape" || node.opType === "Size";
    const readsData = !readsDims && valuesReadBy(node).some((name) => followData.has(name));
    const deciding = (DECIDING_INPUTS[node.opType] ?? []).map((i) => node.inputs[i] ?? "");
    const excludes =
      NO_TENSOR.test(node.opType) ||
      deciding.some((name) => followData.has(name)) ||
      valuesReadBy(node).some((name) => excluded.has(name));
    for (const name of node.outputs.filter((n) => n !== "")) {
      if (readsData && types.get(name)?.value === undefined) followData.add(name);
      if (types.has(name)) continue;
      if (excludes) excluded.add(name);
      else names.push(name);
    }
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
