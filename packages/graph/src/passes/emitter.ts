// What a rewrite writes with: new nodes in order, shared small constants, names that nobody has.
// The builder (`builder.ts`) extends a typed graph at its end; an emitter writes the replacement of one node, in its place.
import type { DataType } from "../data-type.ts";
import { type AttributeLiteral, type Graph, type Model, makeNode, type Node, opsetOf } from "../model.ts";
import { addNode, addTensor, dataTypeOf, type Shapes } from "../shapes/shapes.ts";
import { elementCount, makeTensor, type Tensor } from "../tensor.ts";
import { freshName, takenNames } from "./rename.ts";

type Attributes = Readonly<Record<string, AttributeLiteral | undefined>>;

/**
 * Writes the nodes that stand for one node, in its place; made by `createEmitter`. To extend a graph at its end there is
 * `GraphBuilder`.
 */
export interface Emitter {
  /** Adds a node with one output and returns the output's name. */
  op(opType: string, inputs: readonly string[], attributes?: Attributes, domain?: string): string;
  /** Adds a node with `count` outputs. */
  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes?: Attributes,
    domain?: string,
  ): string[];
  /** int64 constant; a vector unless `dims` says otherwise. */
  ints(values: readonly number[], dims?: readonly number[]): string;
  /** Scalar constant of a floating type. */
  scalar(value: number, dataType?: DataType): string;
  /** Adds a constant; its name begins with the wish, behind the path of `at`. */
  tensor(tensor: Tensor, wish?: string): string;
  /**
   * What `build` emits as a sub-graph, such as a Scan's body; constants go to the graph around it.
   * @param inputs one per input of the sub-graph: a value of its type, or whose slices along axis 0 (`each`) it is given
   */
  subgraph(
    name: string,
    inputs: readonly { readonly like: string; readonly each?: boolean }[],
    build: (inputs: readonly string[]) => readonly string[],
  ): Graph;
  /** A name that nothing has, made from the wish, behind the path of `at`. */
  freshName(wish: string): string;
  /** Sets the path that the names of new nodes start with. */
  at(scope: string): void;
  /** Takes the nodes emitted since the last call. */
  drain(): Node[];
  /** Constants emitted so far. */
  readonly initializers: ReadonlyMap<string, Tensor>;
}

const SHARED_ELEMENTS = 64;

/**
 * Opens an emitter for rewriting a model; new names are none of the model's.
 * @param shapes gets the types of everything emitted, when given
 */
export function createEmitter(model: Model, shapes?: Shapes): Emitter {
  let names: Set<string> | undefined;
  const initializers = new Map<string, Tensor>();
  const shared = new Map<string, string>();
  let nodes: Node[] = [];
  let scope = "";
  const unused = (wish: string): string => freshName((names ??= takenNames(model.graph)), wish);
  const named = (wish: string): string => unused(scope === "" ? wish : `${scope}/${wish}`);

  const add = (name: string, value: Tensor): string => {
    initializers.set(name, value);
    if (shapes !== undefined) addTensor(shapes, name, value);
    return name;
  };
  /** Equal small constants are one initializer. */
  const constant = (dataType: DataType, dims: readonly number[], values: readonly number[]): string => {
    const count = elementCount(dims);
    const key = count <= SHARED_ELEMENTS ? `${dataType}[${dims}]${values}` : undefined;
    const found = key === undefined ? undefined : shared.get(key);
    if (found !== undefined) return found;
    const wish = dataType === "int64" ? `ints[${values.slice(0, 8)}]` : `scalar[${values.slice(0, 8)}]`;
    const name = add(unused(wish), makeTensor(dataType, dims, values));
    if (key !== undefined) shared.set(key, name);
    return name;
  };
  const ops: Emitter["ops"] = (opType, inputs, count, attributes = {}, domain = "") => {
    const outputs = Array.from({ length: count }, (_, i) => named(count === 1 ? opType : `${opType}.${i}`));
    const node = makeNode(opType, inputs, outputs, { name: outputs[0] ?? "", domain, attributes });
    nodes.push(node);
    if (shapes !== undefined) addNode(shapes, node, model.opsets.get(domain) ?? opsetOf(model));
    return outputs;
  };
  const subgraph: Emitter["subgraph"] = (name, inputs, build) => {
    const around = nodes;
    nodes = [];
    const names = inputs.map(({ like }) => named(`${name}/${like}`));
    inputs.forEach(({ like, each }, i) => {
      for (const probe of shapes?.probes ?? []) {
        const type = probe.get(like);
        if (type === undefined) continue;
        const { dataType, dims } = type;
        probe.set(names[i] as string, { dataType, dims: each ? dims.slice(1) : dims });
      }
    });
    const info = (value: string) => ({
      name: value,
      dataType: shapes === undefined ? undefined : dataTypeOf(shapes, value),
      dims: undefined,
    });
    const outputs = build(names);
    const inner = nodes;
    nodes = around;
    return {
      name,
      inputs: names.map(info),
      outputs: outputs.map(info),
      nodes: inner,
      initializers: new Map(),
      valueInfo: [],
    };
  };
  return {
    subgraph,
    op: (opType, inputs, attributes, domain) => ops(opType, inputs, 1, attributes, domain)[0] as string,
    ops,
    ints: (values, dims = [values.length]) => constant("int64", dims, values),
    scalar: (value, dataType = "float32") => constant(dataType, [], [value]),
    tensor: (value, wish = "const") => add(named(wish), value),
    freshName: named,
    at: (path) => {
      scope = path;
    },
    drain: () => {
      const emitted = nodes;
      nodes = [];
      return emitted;
    },
    initializers,
  };
}

/** The constants of a model with those of an emitter added; the same map when there are none. */
export function withEmitted(model: Model, emitter: Emitter): ReadonlyMap<string, Tensor> {
  if (emitter.initializers.size === 0) return model.graph.initializers;
  return new Map([...model.graph.initializers, ...emitter.initializers]);
}
