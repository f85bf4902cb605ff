// Where a sliding window stands along one axis, with padding resolved to a number.
// ONNX: Conv 22, ConvTranspose 22, MaxPool 22, AveragePool 22, LpPool 22 (auto_pad, output_shape, output_padding).
import { attr, type GraphBuilder, type Node } from "@snellen/graph";

/** One array axis of a node's first input. */
export interface AlongAxis {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** Which of the node's outputs is meant. */
  readonly output: number;
  readonly axis: number;
  /** Cells before and after. */
  readonly from: number;
  readonly to: number;
}

/** Window o covers input cells o·stride − pad + k·dilation, k = 0 … kernel − 1. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/** Input that holds the weight, for kernels that no attribute states. */
const WEIGHT: Readonly<Record<string, number>> = { QLinearConv: 3 };

/** The weight of a convolution of any kind. */
export const weightOf = (node: Node): string => node.inputs[WEIGHT[node.opType] ?? 1] ?? "";

/** Axes 0 and 1 are those of batch and channels. */
export const FIRST_SPATIAL = 2;

function windowAt({ b, node, axis }: AlongAxis): Omit<Window, "pad"> {
  const i = axis - FIRST_SPATIAL;
  const kernel = attr.ints(node, "kernel_shape")?.[i] ?? b.dims(weightOf(node))[axis] ?? 1;
  const [stride, dilation] = ["strides", "dilations"].map((name) => attr.ints(node, name)?.[i] ?? 1);
  return { kernel, stride: stride as number, dilation: dilation as number };
}

const statedPad = ({ node, axis }: AlongAxis): number =>
  attr.string(node, "auto_pad", "NOTSET") === "VALID"
    ? 0
    : (attr.ints(node, "pads")?.[axis - FIRST_SPATIAL] ?? 0);

/**
 * The padding that auto_pad SAME_UPPER or SAME_LOWER means along one axis, for `places` windows over `size` cells: the odd one goes
 * to the end with SAME_UPPER, to the beginning otherwise.
 */
export function samePads(
  autoPad: string,
  { kernel, stride, dilation }: Omit<Window, "pad">,
  { size, places }: { readonly size: number; readonly places: number },
): readonly [begin: number, end: number] {
  const total = Math.max(0, (places - 1) * stride + (kernel - 1) * dilation + 1 - size);
  const begin = autoPad === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
  return [begin, total - begin];
}

/** The window of a convolution or pooling. `ceil_mode` adds places at the end and moves none. */
export function windowAlong(along: AlongAxis): Window {
  const window = windowAt(along);
  const auto = attr.string(along.node, "auto_pad", "NOTSET");
  if (!auto.startsWith("SAME")) return { ...window, pad: statedPad(along) };
  const [pad] = samePads(auto, window, { size: along.from, places: along.to });
  return { ...window, pad };
}

/**
 * The window that a transposed convolution's input slides over its output. Where the size is given the padding follows from it;
 * the odd one goes before the input unless SAME_UPPER.
 */
export function transposedWindowAlong(along: AlongAxis): Window {
  const { node, from, to } = along;
  const window = windowAt(along);
  const auto = attr.string(node, "auto_pad", "NOTSET");
  const isSized = auto.startsWith("SAME") || (attr.ints(node, "output_shape") ?? []).length > 0;
  if (!isSized) return { ...window, pad: statedPad(along) };
  const extra = attr.ints(node, "output_padding")?.[along.axis - FIRST_SPATIAL] ?? 0;
  const [pad] = samePads(auto, window, { size: to - extra, places: from });
  return { ...window, pad };
}
