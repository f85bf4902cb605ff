// Adds nodes to a model: `b.mul(a, b.sigmoid(a))`. Every new value is named readably and typed at once, so that code which
// builds a graph may ask for the dimensions of what it has just built. Equal nodes are built once, existing ones included.
import type { DataType } from "./data-type.ts";
import { InternalError } from "./errors.ts";
import {
  type Attribute,
  type AttributeLiteral,
  type DeclaredDim,
  type Graph,
  type Model,
  makeNode,
  type Node,
  opsetOf,
  toAttributes,
  type ValueInfo,
} from "./model.ts";
import { takenNames } from "./passes/rename.ts";
import { declareMaps } from "./shapes/declare.ts";
import {
  addNode,
  addTensor,
  BATCH,
  constantOf,
  copyShapes,
  dataTypeOf,
  dimsOf,
  type Shapes,
} from "./shapes/shapes.ts";
import { makeTensor, type Tensor } from "./tensor.ts";

type Attributes = Readonly<Record<string, AttributeLiteral | undefined>>;

/**
 * A model that is being extended, made by `createBuilder`: nodes go in one by one and are typed at once. Values are known
 * by their names.
 */
export interface GraphBuilder {
  /** Of all values, what was added included. */
  readonly shapes: Shapes;
  /** Version of the standard operator set that nodes are written for. */
  readonly opset: number;
  /** Adds a node with one output and returns the output's name. */
  op(opType: string, inputs: readonly string[], attributes?: Attributes, domain?: string): string;
  /** Adds a node with several outputs; `count` of them, all named. */
  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes?: Attributes,
    domain?: string,
  ): string[];
  /** Adds a constant. `name` is a wish; small equal constants are shared. */
  tensor(tensor: Tensor, name?: string): string;
  /** int64 vector, as shapes and axes are given. */
  ints(values: readonly number[]): string;
  /** Scalar of the floating type of `like` (float32 without it). */
  scalar(value: number, like?: string): string;
  /** Adds a graph input. `BATCH` (-1) dims get the batch's symbol. */
  input(name: string, dataType: DataType, dims: readonly number[]): string;
  /** Adds a graph input of the type and shape of an existing value, which may be a multiple of the batch. */
  inputLike(name: string, like: string): string;
  /** Makes an existing value a graph output under this name (or one made fresh from it), and returns the name. */
  output(value: string, name?: string): string;
  /** A name not used so far, starting from the wish. */
  freshName(wish: string): string;
  /** Makes names of what `build` adds start with this path, such as `grad/layer1.0.conv1`. */
  scoped<T>(scope: string, build: () => T): T;
  /** Dimensions; `BATCH` (-1) where they follow the batch. Throws when unknown. */
  dims(value: string): readonly number[];
  /** Number of dimensions. Throws when unknown. */
  rank(value: string): number;
  /** Element type. Throws when unknown. */
  dataType(value: string): DataType;
  /** Contents of a small constant; undefined when it is not one. */
  constant(value: string): readonly number[] | undefined;
  /** The initializer itself, whatever its size; undefined when the value is computed. */
  initializer(value: string): Tensor | undefined;
  /** The node that computes a value; undefined for inputs and initializers. */
  producer(value: string): Node | undefined;
  /** Asks an existing node for more outputs (such as LayerNormalization's Mean and InvStdDev): names of the first `count`. */
  outputsOf(node: Node, count: number): string[];
  /** The model as extended so far. */
  build(): Model;
}

/** Opens a builder on a model; the model and its shapes stay as they are. */
export function createBuilder(model: Model, shapes: Shapes): GraphBuilder {
  const own = copyShapes(shapes);
  const { graph } = model;
  const opset = opsetOf(model);
  const opsets = new Map(model.opsets);
  const nodes: Node[] = [...graph.nodes];
  const initializers = new Map(graph.initializers);
  const inputs: ValueInfo[] = [...graph.inputs];
  const outputs: ValueInfo[] = [...graph.outputs];
  const producers = new Map<string, number>();
  const known = new Map<string, readonly string[]>();
  const constants = new Map<string, string>();
  const taken = takenNames(graph);
  const counters = new Map<string, number>();
  let scope = "";

  const record = (node: Node, index: number): void => {
    for (const name of node.outputs) {
      taken.add(name);
      producers.set(name, index);
    }
    const key = keyOf(node.opType, node.domain, node.inputs, node.attributes);
    if (key !== undefined && !known.has(key)) known.set(key, node.outputs);
  };
  nodes.forEach(record);

  const freshName = (wish: string): string => {
    let name = wish;
    while (taken.has(name) || name === "") {
      const n = (counters.get(wish) ?? 1) + 1;
      counters.set(wish, n);
      name = `${wish}_${n}`;
    }
    taken.add(name);
    return name;
  };
  const scopedName = (wish: string): string => freshName(scope === "" ? wish : `${scope}/${wish}`);

  const ops: GraphBuilder["ops"] = (opType, ins, count, attributes = {}, domain = "") => {
    const attrs = toAttributes(attributes);
    const key = keyOf(opType, domain, ins, attrs);
    const existing = key === undefined ? undefined : known.get(key);
    if (
      existing !== undefined &&
      existing.length >= count &&
      existing.slice(0, count).every((n) => n !== "")
    ) {
      return existing.slice(0, count);
    }
    const outs = Array.from({ length: count }, (_, i) => scopedName(count === 1 ? opType : `${opType}.${i}`));
    const node = makeNode(opType, ins, outs, { name: outs[0] ?? "", domain, attributes: attrs });
    if (domain !== "" && !opsets.has(domain)) opsets.set(domain, 1);
    nodes.push(node);
    record(node, nodes.length - 1);
    addNode(own, node, domain === "" ? opset : (opsets.get(domain) ?? 1));
    return outs;
  };

  const tensor: GraphBuilder["tensor"] = (value, wish = "const") => {
    const key = constantKey(value);
    const shared = key === undefined ? undefined : constants.get(key);
    if (shared !== undefined) return shared;
    const name = scopedName(wish);
    initializers.set(name, value);
    addTensor(own, name, value);
    if (key !== undefined) constants.set(key, name);
    return name;
  };

  const dims = (value: string): readonly number[] => {
    const found = dimsOf(own, value);
    if (found === undefined) throw new InternalError(`the shape of "${value}" is not known`);
    return found;
  };
  const dataType = (value: string): DataType => {
    const found = dataTypeOf(own, value);
    if (found === undefined) throw new InternalError(`the type of "${value}" is not known`);
    return found;
  };

  return {
    shapes: own,
    opset,
    op: (opType, ins, attributes, domain) => ops(opType, ins, 1, attributes, domain)[0] as string,
    ops,
    tensor,
    ints: (values) => tensor(makeTensor("int64", [values.length], values), "ints"),
    scalar: (value, like) =>
      tensor(makeTensor(like === undefined ? "float32" : dataType(like), [], [value]), "scalar"),
    input(wish, type, inputDims) {
      const name = freshName(wish);
      inputs.push({
        name,
        dataType: type,
        dims: inputDims.map((d) => (d === BATCH ? batchSymbol(graph) : d)),
      });
      own.probes.forEach((probe, i) => {
        probe.set(name, {
          dataType: type,
          dims: inputDims.map((d) => (d === BATCH ? (own.batches[i] ?? 1) : d)),
        });
      });
      return name;
    },
    inputLike(wish, like) {
      const name = freshName(wish);
      const declared = dims(like).map((d, axis) => {
        if (d !== BATCH) return d;
        const isBatch = own.probes.every((p, i) => p.get(like)?.dims[axis] === own.batches[i]);
        return isBatch ? batchSymbol(graph) : undefined;
      });
      inputs.push({ name, dataType: dataType(like), dims: declared });
      for (const probe of own.probes)
        probe.set(name, { dataType: dataType(like), dims: probe.get(like)?.dims ?? [] });
      return name;
    },
    output(value, wish = value) {
      const name = value === wish ? value : freshName(wish);
      if (name !== value) {
        const node = makeNode("Identity", [value], [name], { name });
        nodes.push(node);
        producers.set(name, nodes.length - 1);
        addNode(own, node, opset);
      }
      outputs.push({ name, dataType: dataType(value), dims: declaredDims(dims(value)) });
      return name;
    },
    freshName,
    scoped(path, build) {
      const outer = scope;
      scope = path;
      try {
        return build();
      } finally {
        scope = outer;
      }
    },
    dims,
    rank: (value) => dims(value).length,
    dataType,
    constant: (value) => constantOf(own, value),
    initializer: (value) => initializers.get(value),
    producer: (value) => nodes[producers.get(value) ?? -1],
    outputsOf(node, count) {
      const index = producers.get(node.outputs.find((n) => n !== "") ?? "");
      const current = index === undefined ? undefined : nodes[index];
      if (index === undefined || current === undefined)
        throw new InternalError(`node ${node.name} is not in this graph`);
      const names = Array.from(
        { length: count },
        (_, i) => current.outputs[i] || scopedName(`${current.opType}.${i}`),
      );
      const extended: Node = { ...current, outputs: [...names, ...current.outputs.slice(count)] };
      nodes[index] = extended;
      record(extended, index);
      addNode(own, extended, opset);
      return names;
    },
    build: () => ({
      ...model,
      opsets,
      graph: declared(
        { ...graph, inputs, outputs, nodes: [...nodes], initializers: new Map(initializers) },
        own,
      ),
    }),
  };
}

/** Operators whose equal calls are not interchangeable. */
const IMPURE = /^Random|^Bernoulli$|^Multinomial$|^Dropout$/;

function keyOf(
  opType: string,
  domain: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
): string | undefined {
  if (IMPURE.test(opType)) return undefined;
  const parts: string[] = [];
  for (const [name, a] of Object.entries(attributes)) {
    if (a.type === "tensor" || a.type === "graph" || a.type === "opaque") return undefined;
    parts.push(`${name}=${String(a.value)}`);
  }
  return `${domain}:${opType}(${inputs.join(",")})${parts.sort().join(";")}`;
}

const SHARED_CONSTANT_BYTES = 256;

function constantKey(tensor: Tensor): string | undefined {
  if (!(tensor.data instanceof Uint8Array) || tensor.data.byteLength > SHARED_CONSTANT_BYTES)
    return undefined;
  return `${tensor.dataType}[${tensor.dims.join(",")}]${Array.from(tensor.data).join(",")}`;
}

const DEFAULT_BATCH_SYMBOL = "batch";

function batchSymbol(graph: Graph): string {
  const first = graph.inputs.find((v) => typeof v.dims?.[0] === "string")?.dims?.[0];
  return typeof first === "string" ? first : DEFAULT_BATCH_SYMBOL;
}

const declared = (graph: Graph, shapes: Shapes): Graph => ({
  ...graph,
  valueInfo: declareMaps(graph, shapes, batchSymbol(graph)),
});

/** An output's declared dims; those that follow the batch stay open, as they may be multiples of it. */
const declaredDims = (dims: readonly number[]): DeclaredDim[] =>
  dims.map((d) => (d === BATCH ? undefined : d));
