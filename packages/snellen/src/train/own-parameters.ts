// A constant of its own for each layer. Exporters keep tensors that are equal once: in an untrained network every γ is the same vector of
// ones, and so are kept variances. Trained like that, layers would be tied that are not. Derived here.
import {
  elementCount,
  freshName,
  isExternal,
  type Model,
  type Node,
  nodeTitle,
  type Shapes,
  type Tensor,
  tensorValues,
  type ValueType,
  valueNames,
  withGraph,
} from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import { readAs } from "./parameters.ts";

/**
 * The network with a copy for each layer that reads a shared constant of one number throughout; the same object where none is shared.
 * What is tied on purpose has numbers that differ, and stays tied. In the file's own graph, Identity nodes of such constants become
 * constants, which gives them the names that the exporter took from them.
 * @param info with its weights in memory
 */
export function ownParameters(info: DescribedModel): DescribedModel {
  if (sharedConstants(info.model).size === 0) return info;
  const original = separated(dissolved(info.original), () => undefined).model;
  const names = namesRead(original);
  const { model, copies } = separated(info.model, (node, input) => names.get(placeOf(node, input)));
  return { ...info, model, original, shapes: withCopies(info.shapes, copies) };
}

/** What is known of copies is known of what they copy. */
const withCopies = (shapes: Shapes, copies: ReadonlyMap<string, string>): Shapes => ({
  ...shapes,
  probes: shapes.probes.map(
    (types) =>
      new Map([...types, ...[...copies].map(([own, from]) => [own, types.get(from) as ValueType] as const)]),
  ),
});

/** A reading, told alike in the file's graph and in the canonical one. */
const placeOf = ({ outputs }: Node, input: number): string => `${outputs[0]} ${input}`;

/** Name of the constant at each place. */
const namesRead = ({ graph }: Model): Map<string, string> =>
  new Map(
    graph.nodes.flatMap((node) =>
      node.inputs.flatMap((name, i) => (graph.initializers.has(name) ? [[placeOf(node, i), name]] : [])),
    ) as [string, string][],
  );

interface Separated {
  readonly model: Model;
  /** Copy → what it copies. */
  readonly copies: ReadonlyMap<string, string>;
}

/** Every reading of a shared constant but one gets a constant of its own, named by the wish or after the layer. */
function separated(model: Model, wishOf: (node: Node, input: number) => string | undefined): Separated {
  const { nodes, initializers } = model.graph;
  const shared = sharedConstants(model);
  const taken = valueNames(model.graph);
  const wanted = new Set(nodes.flatMap((node) => node.inputs.map((_, i) => wishOf(node, i))));
  const kept = new Set<string>();
  const copies = new Map<string, string>();
  const ownName = (node: Node, name: string, i: number): string => {
    if (!shared.has(name)) return name;
    const wish = wishOf(node, i);
    // the one whose name it is keeps it, or the first
    if (!kept.has(name) && (wish === name || !wanted.has(name))) {
      kept.add(name);
      return name;
    }
    const own = freshName(taken, wish ?? `${nodeTitle(node)}.${readAs(node, i) ?? `input${i}`}`);
    copies.set(own, name);
    return own;
  };
  const renamed = nodes.map((node) => {
    const inputs = node.inputs.map((name, i) => ownName(node, name, i));
    return inputs.every((name, i) => name === node.inputs[i]) ? node : { ...node, inputs };
  });
  const added = [...copies].map(([own, from]) => [own, shared.get(from) as Tensor] as const);
  return {
    model: withGraph(model, { nodes: renamed, initializers: new Map([...initializers, ...added]) }),
    copies,
  };
}

/** Constants with several readings and one number throughout. */
function sharedConstants({ graph }: Model): Map<string, Tensor> {
  const counts = new Map<string, number>();
  for (const { inputs } of graph.nodes)
    for (const name of inputs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    [...graph.initializers].filter(([name, tensor]) => (counts.get(name) ?? 0) > 1 && isEven(tensor)),
  );
}

/** Vectors of float32 numbers that are all equal. */
function isEven(tensor: Tensor): boolean {
  const isVector = tensor.dataType === "float32" && elementCount(tensor.dims) > 1;
  if (!isVector || isExternal(tensor)) return false;
  const numbers = tensorValues(tensor) as Float32Array;
  return numbers.every((value) => value === numbers[0]);
}

/** Identity nodes of constants with one number throughout become constants. */
function dissolved(model: Model): Model {
  const initializers = new Map(model.graph.initializers);
  const outputs = new Set(model.graph.outputs.map(({ name }) => name));
  const nodes = model.graph.nodes.filter((node) => {
    const [from = ""] = node.inputs;
    const [to = ""] = node.outputs;
    const tensor = initializers.get(from);
    const isCopy = node.opType === "Identity" && !outputs.has(to) && tensor !== undefined && isEven(tensor);
    if (isCopy) initializers.set(to, tensor);
    return !isCopy;
  });
  return withGraph(model, { nodes, initializers });
}
