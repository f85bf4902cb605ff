// Where a sliding window stands along each spatial axis, with auto_pad and ceil_mode resolved to plain numbers.
// ONNX: Conv, ConvTranspose, the pools. The gradient of every one of them is an operator over the same windows.
import { attr, BATCH, describeNode, type GraphBuilder, type Node, UnsupportedError } from "@snellen/graph";

type Sizes = readonly number[];

/** One entry per spatial axis. Window `o` covers input positions `o·stride − begin + k·dilation`. */
export interface Windows {
  readonly kernel: Sizes;
  readonly strides: Sizes;
  readonly dilations: Sizes;
  readonly begin: Sizes;
  /** Padding after the input as the node states it (what "count_include_pad" counts). */
  readonly end: Sizes;
  readonly input: Sizes;
  readonly output: Sizes;
}

/** Distance from the first to the last element that a window covers, plus one. */
export const reach = ({ kernel, dilations }: Pick<Windows, "kernel" | "dilations">): number[] =>
  kernel.map((k, i) => at(dilations, i) * (k - 1) + 1);

/** Padding at the end with which the last window ends exactly; negative where input is left over. */
export const exactEnd = (w: Windows): number[] =>
  reach(w).map((r, i) => (at(w.output, i) - 1) * at(w.strides, i) + r - at(w.input, i) - at(w.begin, i));

export const at = (sizes: Sizes, axis: number): number => sizes[axis] as number;
export const every = (sizes: Sizes, value: number): boolean => sizes.every((s) => s === value);
export const product = (sizes: Sizes): number => sizes.reduce((n, s) => n * s, 1);
/** Sizes of a batch and of channels may follow the batch; so do their products. */
export const times = (a: number, c: number): number => (a === BATCH || c === BATCH ? BATCH : a * c);

/** Sizes of the spatial axes (2, 3, …), which must be the same for every batch. */
export function spatial(b: GraphBuilder, value: string, node: Node): number[] {
  const sizes = b.dims(value).slice(2);
  if (!sizes.includes(BATCH)) return sizes;
  throw new UnsupportedError("dynamic-spatial-size", `the size of "${value}" depends on the batch.`, {
    where: describeNode(node),
    hint: "Differentiate at a fixed batch size.",
  });
}

/** The windows of a node that slides over `big` and has one place for each position of `small`. */
export function windowsOf(
  b: GraphBuilder,
  node: Node,
  kernel: Sizes,
  { big, small }: { big: string; small: string },
): Windows {
  const input = spatial(b, big, node);
  const output = spatial(b, small, node);
  const ones = kernel.map(() => 1);
  const strides = attr.ints(node, "strides") ?? ones;
  const dilations = attr.ints(node, "dilations") ?? ones;
  const rank = kernel.length;
  const autoPad = attr.string(node, "auto_pad", "NOTSET");
  const pads = attr.ints(node, "pads") ?? [];
  const windows = { kernel, strides, dilations, input, output };
  if (!autoPad.startsWith("SAME")) {
    const given = autoPad === "VALID" ? [] : pads;
    return {
      ...windows,
      begin: kernel.map((_, i) => given[i] ?? 0),
      end: kernel.map((_, i) => given[i + rank] ?? 0),
    };
  }
  const total = exactEnd({ ...windows, begin: kernel.map(() => 0), end: [] }).map((p) => Math.max(p, 0));
  const half = autoPad === "SAME_LOWER" ? Math.ceil : Math.floor;
  const begin = total.map((p) => half(p / 2));
  return { ...windows, begin, end: total.map((p, i) => p - at(begin, i)) };
}

/** Pads as the attribute has them: all beginnings, then all ends. */
export const padsOf = (begin: Sizes, end: Sizes): number[] => [...begin, ...end];
