// A training's state as few flat vectors: what a step is fed and gives back stays small in number, whatever the network has.
// In the graph one Split makes the parameters of a vector's parts.
import {
  elementCount,
  floatTensor,
  InternalError,
  type Model,
  makeNode,
  makeTensor,
  type Node,
  type Tensor,
  tensorValues,
  type ValueInfo,
  withGraph,
} from "@snellen/graph";

/** A parameter's place in a vector. */
export interface VectorPart {
  readonly name: string;
  readonly dims: readonly number[];
  readonly offset: number;
  readonly size: number;
}

export interface VectorLayout {
  /** Name of the graph input. */
  readonly name: string;
  readonly size: number;
  readonly parts: readonly VectorPart[];
}

/** Lays parameters one behind the other. */
export function layOut(
  name: string,
  parameters: readonly { readonly name: string; readonly dims: readonly number[] }[],
): VectorLayout {
  let size = 0;
  const parts = parameters.map(({ name, dims }): VectorPart => {
    const part = { name, dims, offset: size, size: elementCount(dims) };
    size += part.size;
    return part;
  });
  return { name, size, parts };
}

/** The vector of these tensors. */
export function packed(layout: VectorLayout, tensorOf: (name: string) => Tensor | undefined): Float32Array {
  const vector = new Float32Array(layout.size);
  for (const { name, offset, size } of layout.parts) {
    const tensor = tensorOf(name);
    if (tensor === undefined || tensor.dataType !== "float32")
      throw new InternalError(`"${name}" is no float32 constant`);
    vector.set((tensorValues(tensor) as Float32Array).subarray(0, size), offset);
  }
  return vector;
}

/** The tensors of a vector, copied out of it. */
export const unpacked = (layout: VectorLayout, vector: Float32Array): Map<string, Tensor> =>
  new Map(
    layout.parts.map(({ name, dims, offset, size }) => [
      name,
      floatTensor(dims, vector.slice(offset, offset + size)),
    ]),
  );

/** Makes initializers inputs, so that nothing takes their present numbers for granted. */
export function asInputs(model: Model, names: ReadonlySet<string>): Model {
  const { inputs, initializers } = model.graph;
  const added = [...names].map(
    (name): ValueInfo => ({ name, dataType: "float32", dims: initializers.get(name)?.dims ?? [] }),
  );
  return withGraph(model, {
    inputs: [...inputs.filter(({ name }) => !names.has(name)), ...added],
    initializers: new Map([...initializers].filter(([name]) => !names.has(name))),
  });
}

/** Makes inputs the parts of vectors, which become inputs in their place. */
export function fromVectors(model: Model, layouts: readonly VectorLayout[]): Model {
  const names = new Set(layouts.flatMap(({ parts }) => parts.map(({ name }) => name)));
  const made = new Map<string, Tensor>();
  const ints = (name: string, values: readonly number[]): string => {
    made.set(name, makeTensor("int64", [values.length], values));
    return name;
  };
  const nodes = layouts.flatMap(({ name, parts }): Node[] => {
    const flat = ({ name: part, dims }: VectorPart): string => (dims.length === 1 ? part : `${part}/flat`);
    const split = makeNode(
      "Split",
      [
        name,
        ints(
          `${name}/sizes`,
          parts.map(({ size }) => size),
        ),
      ],
      parts.map(flat),
      {
        name: `${name}/Split`,
      },
    );
    const shaped = parts
      .filter(({ dims }) => dims.length !== 1)
      .map((part) => {
        const inputs = [flat(part), ints(`${part.name}/dims`, part.dims)];
        return makeNode("Reshape", inputs, [part.name], { name: `${part.name}/Reshape` });
      });
    return [split, ...shaped];
  });
  const { graph } = model;
  return withGraph(model, {
    inputs: [
      ...graph.inputs.filter(({ name }) => !names.has(name)),
      ...layouts.map(({ name, size }): ValueInfo => ({ name, dataType: "float32", dims: [size] })),
    ],
    nodes: [...nodes, ...graph.nodes],
    initializers: new Map([...graph.initializers, ...made]),
  });
}
