// Shapes of every value, known at two batch sizes at once: a dimension that differs between the probes follows the batch.
// Derived here: probing with batches 2 and 3 tells "follows the batch" from "is one" without symbolic algebra.
import type { DataType } from "../data-type.ts";
import { InternalError, ModelError } from "../errors.ts";
import type { Graph, Model, Node, ValueInfo } from "../model.ts";
import type { Tensor } from "../tensor.ts";
import { inferGraph, inferInside, inferNode, subgraphInference, typeOfTensor } from "./infer.ts";
import type { ValueType } from "./value-type.ts";

/** Marks a dimension that follows the batch; as in the shape input of Reshape, so that constants can be made from `dims`. */
export const BATCH = -1;

/** What is known of every value of a model at each probe. Grows as a builder adds nodes. */
export interface Shapes {
  /** Batch sizes of the probes; one entry when the model's batch is fixed. */
  readonly batches: readonly number[];
  /** Per probe: value name → type. */
  readonly probes: readonly Map<string, ValueType>[];
}

/** Sizes that a file leaves open, for shape inference. */
export interface ShapeOptions {
  /** Sizes of symbolic or unknown input dimensions other than the batch, by symbol or as `input.axis` ("x.2"). */
  readonly dims?: Readonly<Record<string, number>>;
  /** Batch sizes to infer at, where the model leaves its batch open; default 2 and 3. */
  readonly batches?: readonly number[];
}

/**
 * Infers the shape of every value of a canonical model (no local functions).
 * @throws ModelError `dynamic-axes` when an input has a symbolic dimension besides the batch that `dims` does not fix.
 */
export function inferShapes(model: Model, options: ShapeOptions = {}): Shapes {
  const inputs = model.graph.inputs.filter((v) => !model.graph.initializers.has(v.name));
  const dynamic = inputs.some((v) => typeof v.dims?.[0] !== "number" && (v.dims?.length ?? 0) > 0);
  const batches = dynamic ? (options.batches ?? [2, 3]) : [fixedBatch(inputs)];
  const probes: Map<string, ValueType>[] = [];
  for (const batch of batches) {
    const types = inputs.flatMap((v) => inputType(v, batch, batchSymbol(inputs), options.dims ?? {}));
    probes.push(inferGraph(model, new Map(types), probes[0]));
  }
  return { batches, probes };
}

const fixedBatch = (inputs: readonly ValueInfo[]): number => {
  const first = inputs.find((v) => (v.dims?.length ?? 0) > 0)?.dims?.[0];
  return typeof first === "number" ? first : 1;
};

const batchSymbol = (inputs: readonly ValueInfo[]): string | undefined => {
  const symbol = inputs.find((v) => typeof v.dims?.[0] === "string")?.dims?.[0];
  return typeof symbol === "string" ? symbol : undefined;
};

function inputType(
  info: ValueInfo,
  batch: number,
  symbol: string | undefined,
  sizes: Readonly<Record<string, number>>,
): [string, ValueType][] {
  if (info.dataType === undefined || info.dims === undefined) return [];
  const dims = info.dims.map((dim, axis) => {
    if (typeof dim === "number") return dim;
    const given = sizes[`${info.name}.${axis}`] ?? (dim === undefined ? undefined : sizes[dim]);
    if (given !== undefined) return given;
    if (axis === 0 || (dim !== undefined && dim === symbol)) return batch;
    const label = dim === undefined ? `axis ${axis}` : `axis ${axis} ("${dim}")`;
    throw new ModelError("dynamic-axes", `${label} has no fixed size.`, {
      where: `input "${info.name}"`,
      hint: `Give it one: --dim ${dim ?? `${info.name}.${axis}`}=<size>.`,
    });
  });
  return [[info.name, { dataType: info.dataType, dims }]];
}

/** Dimensions of a value; `BATCH` (-1) where they differ between probes; undefined when unknown. */
export function dimsOf(shapes: Shapes, name: string): readonly number[] | undefined {
  const [first, ...others] = shapes.probes.map((p) => p.get(name));
  if (first === undefined || others.some((o) => o?.dims.length !== first.dims.length)) return undefined;
  return first.dims.map((d, axis) => (others.every((o) => o?.dims[axis] === d) ? d : BATCH));
}

/** Element type of a value; undefined when it is not known. */
export const dataTypeOf = (shapes: Shapes, name: string): DataType | undefined =>
  shapes.probes[0]?.get(name)?.dataType;

/** The axis of a value that is the batch itself, no multiple of it; undefined where there is none. */
export function batchAxisOf(shapes: Shapes, name: string): number | undefined {
  const axis = dimsOf(shapes, name)?.indexOf(BATCH) ?? -1;
  const exact = shapes.probes.every((types, i) => types.get(name)?.dims[axis] === shapes.batches[i]);
  return axis >= 0 && exact ? axis : undefined;
}

/** Contents of a small value that are the same at every probe, such as the axes of a reduction; undefined otherwise. */
export function constantOf(shapes: Shapes, name: string): readonly number[] | undefined {
  const [first, ...others] = shapes.probes.map((p) => p.get(name)?.value);
  if (first === undefined) return undefined;
  const same = others.every((o) => o?.length === first.length && o.every((v, i) => Object.is(v, first[i])));
  return same ? first : undefined;
}

/** Records a new constant. */
export function addTensor(shapes: Shapes, name: string, tensor: Tensor): void {
  const type = typeOfTensor(tensor);
  for (const probe of shapes.probes) probe.set(name, type);
}

/** Infers and records the outputs of a new node. */
export function addNode(shapes: Shapes, node: Node, opset: number): void {
  for (const probe of shapes.probes) {
    const types = inferNode(
      node,
      node.inputs.map((n) => probe.get(n)),
      opset,
      subgraphInference(probe, new Map([["", opset]])),
    );
    node.outputs.forEach((name, i) => {
      const type = types[i];
      if (name !== "" && type !== undefined) probe.set(name, type);
    });
  }
}

/**
 * Shapes of the values that a sub-graph sees.
 * @param inputs types of its inputs at each probe
 */
export const shapesInside = (
  outer: Shapes,
  graph: Graph,
  opsets: ReadonlyMap<string, number>,
  inputs: (probe: ReadonlyMap<string, ValueType>) => readonly ValueType[],
): Shapes => ({
  ...outer,
  probes: outer.probes.map((around) => inferInside(graph, opsets, around, inputs(around))),
});

/** Dimensions of a value that must be known here. */
export function knownDims(shapes: Shapes, name: string): readonly number[] {
  const dims = dimsOf(shapes, name);
  if (dims === undefined) throw new InternalError(`the shape of "${name}" is not known`);
  return dims;
}

/** Shapes with separate tables, so that a builder may extend them and leave the original as it was. */
export const copyShapes = (shapes: Shapes): Shapes => ({
  ...shapes,
  probes: shapes.probes.map((p) => new Map(p)),
});
