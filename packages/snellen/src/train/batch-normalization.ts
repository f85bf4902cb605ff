// BatchNormalization as it trains: statistics of the batch, and those kept for inference moved towards them. Written out with
// E[x²] − E[x]², of which autodiff makes dx = a·dy + b·x + c, the fastest form on ONNX Runtime's CPU. Ioffe & Szegedy 2015.
import {
  attr,
  createEmitter,
  dimsOf,
  type Emitter,
  InternalError,
  type Model,
  type Node,
  type Shapes,
  withEmitted,
  withGraph,
} from "@snellen/graph";
import type { KeptStatistics } from "./parameters.ts";

/** What the batch has in the place of kept statistics: values of the graph, [C] each, the variance with n − 1 as PyTorch keeps it. */
export interface BatchStatistics {
  readonly mean: string;
  readonly variance: string;
}

export interface InTrainingMode {
  readonly model: Model;
  /** For each of `kept`. */
  readonly statistics: readonly BatchStatistics[];
}

/** Replaces each of the nodes by its training form; others go on with the statistics that they keep. */
export function inTrainingMode(
  model: Model,
  shapes: Shapes,
  kept: readonly KeptStatistics[],
): InTrainingMode {
  const emitter = createEmitter(model);
  const ranks = new Map(kept.map(({ node }) => [node, dimsOf(shapes, node.inputs[0] ?? "")?.length ?? 0]));
  const found = new Map<Node, BatchStatistics>();
  const nodes = model.graph.nodes.flatMap((node) => {
    const rank = ranks.get(node);
    if (rank === undefined) return [node];
    emitter.at(node.name || (node.outputs[0] as string));
    found.set(node, normalized(emitter, node, rank));
    return renamedLast(emitter.drain(), node);
  });
  const initializers = withEmitted(model, emitter);
  return {
    model: withGraph(model, { nodes, initializers }),
    statistics: kept.map(({ node }) => found.get(node) as BatchStatistics),
  };
}

/** The sum y = x·scale + shift is emitted last but for what only the kept statistics need. */
function normalized(e: Emitter, node: Node, rank: number): BatchStatistics {
  const [x = "", gamma = "", beta = ""] = node.inputs;
  const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const axes = e.ints(others);
  const wide = e.ints([1, -1, ...others.slice(1).map(() => 1)]);
  const whole = e.ints([-1]);
  const mean = e.op("ReduceMean", [x, axes], { keepdims: 1 });
  const squares = e.op("ReduceMean", [e.op("Mul", [x, x]), axes], { keepdims: 1 });
  // of numbers that hardly differ, rounding may leave less than nothing
  const variance = e.op("Relu", [e.op("Sub", [squares, e.op("Mul", [mean, mean])])]);
  const spread = e.op("Sqrt", [e.op("Add", [variance, e.scalar(attr.float(node, "epsilon", 1e-5))])]);
  const scale = e.op("Div", [e.op("Reshape", [gamma, wide]), spread]);
  const shift = e.op("Sub", [e.op("Reshape", [beta, wide]), e.op("Mul", [mean, scale])]);
  const numbers = e.op("Cast", [e.op("Size", [x])], { to: 1 });
  const channels = e.op("Cast", [e.op("Size", [mean])], { to: 1 });
  const fewer = e.op("Max", [e.op("Sub", [numbers, channels]), channels]);
  const unbiased = e.op("Mul", [variance, e.op("Div", [numbers, fewer])]);
  const statistics = {
    mean: e.op("Reshape", [mean, whole]),
    variance: e.op("Reshape", [unbiased, whole]),
  };
  e.op("Add", [e.op("Mul", [x, scale]), shift]);
  return statistics;
}

/** The last node makes the value that the replaced one made. */
function renamedLast(nodes: readonly Node[], replaced: Node): Node[] {
  const last = nodes.at(-1);
  if (last === undefined) throw new InternalError("nothing was emitted");
  return [...nodes.slice(0, -1), { ...last, outputs: [replaced.outputs[0] as string] }];
}
