// Squeeze-and-excitation gates as full maps. A product of maps [N, C, H, W] with one number a channel [N, C, 1, 1] leaves ONNX
// Runtime's blocked layout, forward and backward; with the gate repeated over the map by Resize everything stays in it.
// (EfficientNet-B0, forward and gradient: −12 %; forward alone: no difference.)
import {
  dataTypeOf,
  dimsOf,
  freshName,
  type Model,
  makeNode,
  makeTensor,
  type Node,
  type Shapes,
  type Tensor,
  tensorNumbers,
  valueNames,
} from "@snellen/graph";
import { isBlocked, type Layouts, REPEATING, repetition } from "./blocked.ts";

/**
 * Case 1: Mul(x, gate) with x in the blocked layout and a computed gate [N, C, 1, 1] → Mul(x, Resize(Conv(gate))), where the
 *         convolution with ones brings the gate to that layout.
 * @param nodes those on the path of a gradient; others stay
 * @returns the same model when there is no such gate
 */
export function spreadGates(
  model: Model,
  shapes: Shapes,
  nodes: readonly Node[],
): { model: Model; shapes: Shapes } {
  const layouts = layoutsOf(model, shapes);
  const gated = new Map(nodes.flatMap((node) => gateOf(node, layouts)));
  if (gated.size === 0) return { model, shapes };
  const own: Shapes = { ...shapes, probes: shapes.probes.map((probe) => new Map(probe)) };
  const taken = valueNames(model.graph);
  const initializers = new Map<string, Tensor>(model.graph.initializers);
  const spread = model.graph.nodes.flatMap((node) => {
    const gate = gated.get(node);
    if (gate === undefined) return [node];
    const value = node.inputs[1 - gate] as string;
    const fresh = (end: string): string => freshName(taken, `${node.inputs[gate]}/${end}`);
    const [weights, same, scales, repeated] = [
      fresh("ones"),
      fresh("same"),
      fresh("scales"),
      fresh("repeated"),
    ];
    const channels = layouts.dims(value)[1] as number;
    const ones = makeTensor("float32", [channels, 1, 1, 1], new Array<number>(channels).fill(1));
    const factors = repetition(layouts.dims(value).slice(2));
    initializers.set(weights, ones).set(scales, factors);
    for (const probe of own.probes) {
      probe.set(weights, { dataType: "float32", dims: ones.dims });
      probe.set(scales, { dataType: "float32", dims: factors.dims, value: tensorNumbers(factors) });
      for (const [name, like] of [
        [same, node.inputs[gate] as string],
        [repeated, value],
      ] as const) {
        const type = probe.get(like);
        if (type !== undefined) probe.set(name, { dataType: type.dataType, dims: type.dims });
      }
    }
    return [
      makeNode("Conv", [node.inputs[gate] as string, weights], [same], {
        name: same,
        attributes: { group: channels },
      }),
      makeNode("Resize", [same, "", scales], [repeated], { name: repeated, attributes: REPEATING }),
      { ...node, inputs: node.inputs.map((name, i) => (i === gate ? repeated : name)) },
    ];
  });
  return { model: { ...model, graph: { ...model.graph, nodes: spread, initializers } }, shapes: own };
}

/** The node with the index of its gate, where it has one. */
function gateOf(node: Node, layouts: Layouts): [Node, number][] {
  if (node.opType !== "Mul" || node.domain !== "") return [];
  const isGate = (i: number): boolean => {
    const own = layouts.dims(node.inputs[i] as string);
    const other = layouts.dims(node.inputs[1 - i] as string);
    const isSingle = own[2] === 1 && own[3] === 1;
    return isSingle && own[0] === other[0] && own[1] === other[1] && (other[2] !== 1 || other[3] !== 1);
  };
  const gate = [0, 1].find((i) => isGate(i) && layouts.producer(node.inputs[i] as string) !== undefined);
  if (gate === undefined || !isBlocked(layouts, node.inputs[1 - gate] as string)) return [];
  return [[node, gate]];
}

function layoutsOf({ graph }: Model, shapes: Shapes): Layouts {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  return {
    producer: (value) => producers.get(value),
    dims: (value) => dimsOf(shapes, value) ?? [],
    dataType: (value) => dataTypeOf(shapes, value) ?? "string",
  };
}
