// BatchNormalization as it works in training: with the mean and variance of the batch at hand instead of kept ones.
// Ioffe & Szegedy 2015. Kept statistics would not follow when something before them is scaled, so that nothing would be invariant.
import {
  attr,
  dimsOf,
  type Model,
  makeNode,
  makeTensor,
  type Node,
  type Shapes,
  type Tensor,
  withGraph,
} from "@snellen/graph";

/**
 * Case 1: BatchNormalization in inference form → ReduceMean, Sub, Mul, ReduceMean, and the same BatchNormalization on what they
 *         give. The variance is the biased one, as training normalizes by.
 * Case 2: in training form (`training_mode` = 1) → left, it does so already.
 *
 * Statistics run over everything that one run is fed, so that a run should hold several pictures; of one picture, a map of 1 × 1
 * has no variance.
 * @param model canonical (opset 18 or newer), with its shapes
 * @returns the same model when there is nothing to replace
 */
export function withBatchStatistics(model: Model, shapes: Shapes): Model {
  const made = new Map<string, Tensor>();
  const nodes = model.graph.nodes.flatMap((node) => {
    const rank = dimsOf(shapes, node.inputs[0] ?? "")?.length;
    const isKept =
      node.opType === "BatchNormalization" && node.domain === "" && attr.int(node, "training_mode", 0) === 0;
    return isKept && rank !== undefined ? onBatch(node, rank, made) : [node];
  });
  return made.size === 0
    ? model
    : withGraph(model, { nodes, initializers: new Map([...model.graph.initializers, ...made]) });
}

function onBatch(node: Node, rank: number, made: Map<string, Tensor>): Node[] {
  const [x = "", scale = "", bias = ""] = node.inputs;
  const at = (part: string): string => `${node.outputs[0]}/batch/${part}`;
  const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  const axes = `batch/axes${rank}`;
  const whole = "batch/channels";
  made.set(axes, makeTensor("int64", [others.length], others));
  made.set(whole, makeTensor("int64", [1], [-1]));
  const mean = (from: string, to: string): Node =>
    makeNode("ReduceMean", [from, axes], [to], { name: to, attributes: { keepdims: 1 } });
  const vector = (from: string, to: string): Node => makeNode("Reshape", [from, whole], [to], { name: to });
  return [
    mean(x, at("mean")),
    makeNode("Sub", [x, at("mean")], [at("centred")], { name: at("centred") }),
    makeNode("Mul", [at("centred"), at("centred")], [at("squared")], { name: at("squared") }),
    mean(at("squared"), at("variance")),
    vector(at("mean"), at("means")),
    vector(at("variance"), at("variances")),
    { ...node, inputs: [x, scale, bias, at("means"), at("variances")] },
  ];
}
