// Forms of small operations on maps [N, C, H, W] that ONNX Runtime keeps in its blocked layout (NCHWc), in which its convolutions
// run: a scalar, a broadcast or a plain reduction between them costs two changes of layout. Derived here.
import {
  attr,
  BATCH,
  type DataType,
  type GraphBuilder,
  makeTensor,
  type Node,
  type Tensor,
} from "@snellen/graph";
import { scaled, shifted } from "./emit.ts";

/** Their results are blocked whatever their input was. */
const SOURCES: ReadonlySet<string> = new Set(["Conv", "MaxPool", "AveragePool", "GlobalAveragePool"]);
/** Their results are blocked when their inputs are. */
const KEEPERS: ReadonlySet<string> = new Set(
  "Add BatchNormalization Clip Concat HardSigmoid HardSwish Mul Relu Resize Sigmoid Sum Tanh".split(" "),
);
/** Element-wise chains between convolutions are shorter. */
const MAX_DEPTH = 12;

/** What has to be known of a graph to tell where its values lie. */
export interface Layouts {
  producer(value: string): Node | undefined;
  dims(value: string): readonly number[];
  dataType(value: string): DataType;
}

/** Whether ONNX Runtime will hold this value in its blocked layout, so far as can be told from what computes it. */
export function isBlocked(graph: Layouts, value: string, depth = 0): boolean {
  const node = graph.producer(value);
  if (node === undefined || depth > MAX_DEPTH || !isMap(graph, value)) return false;
  if (SOURCES.has(node.opType)) return node.outputs.length === 1 && attr.int(node, "ceil_mode", 0) === 0;
  return KEEPERS.has(node.opType) && isBlocked(graph, node.inputs[0] ?? "", depth + 1);
}

/** Single-precision maps with a known number of channels and of known size. */
function isMap(graph: Layouts, value: string): boolean {
  const dims = graph.dims(value);
  return dims.length === 4 && !dims.slice(1).includes(BATCH) && graph.dataType(value) === "float32";
}

/** factor · value + constant of a map, as a depthwise 1×1 convolution: brings any map to the blocked layout. */
export function affineMaps(b: GraphBuilder, value: string, factor: number, constant = 0): string {
  const channels = b.dims(value)[1] as number;
  const filled = (v: number, dims: readonly number[]): string =>
    b.op("Expand", [b.scalar(v, value), b.ints(dims)]);
  const weights = filled(factor, [channels, 1, 1, 1]);
  const operands = constant === 0 ? [value, weights] : [value, weights, filled(constant, [channels])];
  return b.op("Conv", operands, { group: channels });
}

/** factor · value + constant, in the layout that the value has. */
export function affine(b: GraphBuilder, value: string, factor: number, constant = 0): string {
  if (factor === 1 && constant === 0) return value;
  if (isBlocked(b, value)) return affineMaps(b, value, factor, constant);
  if (constant === 0) return scaled(b, value, factor);
  return factor === -1
    ? b.op("Sub", [b.scalar(constant, value), value])
    : shifted(b, scaled(b, value, factor), constant);
}

/** [N, C, h, w] → [N, C, h·kh, w·kw], each pixel repeated; also for other numbers of axes. */
export function repeatPixels(b: GraphBuilder, value: string, kernel: readonly number[]): string {
  return b.op("Resize", [value, "", b.tensor(repetition(kernel), "scales")], REPEATING);
}

/** Scales of a Resize that repeats pixels, and its attributes. */
export const repetition = (kernel: readonly number[]): Tensor =>
  makeTensor("float32", [kernel.length + 2], [1, 1, ...kernel]);
export const REPEATING = {
  mode: "nearest",
  coordinate_transformation_mode: "asymmetric",
  nearest_mode: "floor",
} as const;
