// Sliding windows with an odd kernel and an even stride, and the even window that takes the place of each.
// arXiv:2108.13576 (cause and cure of dead pixels); the arithmetic of pads is derived here. ONNX: Conv, MaxPool.
import { attr, type Node } from "@snellen/graph";
import { coverageOf, isEven, isOdd } from "../theoretical/coverage.ts";
import { samePads } from "../theoretical/window-along.ts";

/** The window of a convolution or pooling as its attributes state it, one number per spatial axis. */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Beginnings of all axes, then ends. */
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceilMode: boolean;
}

/** The window that replaces an odd one: the same beginnings, the same output size. */
export interface EvenWindow {
  /** Places added behind the kernel's last one, per axis: 0 or 1. */
  readonly added: readonly number[];
  readonly kernel: readonly number[];
  /** What the node pads as it stands, `auto_pad` written out. */
  readonly padsBefore: readonly number[];
  readonly pads: readonly number[];
}

/** Why a window keeps its size. */
export interface Refusal {
  readonly reason: string;
}

/** What is known of a window's input. */
export interface InputSize {
  /** Undefined where it is not known. */
  readonly spatial: readonly number[] | undefined;
  /** Whether the model takes pictures of other sizes too. */
  readonly isOpen: boolean;
}

/** The window attributes of a node, with ONNX's defaults. */
export function windowOf(node: Node, kernel: readonly number[]): WindowAttributes {
  const ones = kernel.map(() => 1);
  return {
    kernel,
    strides: attr.ints(node, "strides") ?? ones,
    dilations: attr.ints(node, "dilations") ?? ones,
    pads: attr.ints(node, "pads") ?? [...kernel, ...kernel].map(() => 0),
    autoPad: attr.string(node, "auto_pad", "NOTSET"),
    ceilMode: attr.int(node, "ceil_mode", 0) === 1,
  };
}

type Sliding = Pick<WindowAttributes, "kernel" | "strides" | "dilations">;

/** Kernel, stride and dilation along each axis. */
const axesOf = ({ kernel, strides, dilations }: Sliding) =>
  kernel.map((size, axis) => ({
    kernel: size,
    stride: strides[axis] as number,
    dilation: dilations[axis] as number,
  }));

/** Axes along which neighbouring pixels are seen by unequal numbers of windows because 2 divides the stride alone. */
export const oddAxes = (window: Sliding): number[] =>
  axesOf(window).flatMap((along, axis) => (isOdd(along) ? [axis] : []));

/** Whether every pixel far from the border is under the same number of a window's places. Padding does not matter for that. */
export const coversEvenly = (window: Sliding): boolean =>
  axesOf(window).every((along) => isEven(coverageOf({ ...along, pad: 0 })));

/**
 * The window with one more place at the end of each odd axis. Beginnings stay, so that old places stay on their pixels. Ends
 * grow by the dilation, which keeps the number of windows at every input size; where the size is fixed and the number stays the
 * same anyway, they stay too, so that a framework with equal padding on both sides can still say it.
 * @returns undefined where a single window sees all pixels there are, once each
 */
export function evenWindow(window: WindowAttributes, input: InputSize): EvenWindow | Refusal | undefined {
  const { kernel } = window;
  const rank = kernel.length;
  const padsBefore = explicitPads(window, input.spatial);
  if (padsBefore === undefined) {
    return {
      reason: `auto_pad ${window.autoPad} places its padding by the input's size, which is open: give --size HxW.`,
    };
  }
  const sliding = axesOf(window);
  const along = (axis: number): Axis => ({
    ...(sliding[axis] as (typeof sliding)[number]),
    begin: padsBefore[axis] as number,
    end: padsBefore[axis + rank] as number,
    ceilMode: window.ceilMode,
    size: input.isOpen ? undefined : input.spatial?.[axis],
  });
  const odd = oddAxes(window);
  const axes = odd.filter((axis) => seesPixels(along(axis)));
  if (axes.length === 0) {
    const isSingle = odd.every((axis) => hasOnePlace(along(axis)));
    return isSingle
      ? undefined
      : { reason: "at this input size the added row and column would see nothing but padding." };
  }
  const added = kernel.map((_, axis) => (axes.includes(axis) ? 1 : 0));
  const pads = [...padsBefore];
  for (const axis of axes) pads[axis + rank] = endPad(along(axis));
  return { added, kernel: kernel.map((size, axis) => size + (added[axis] as number)), padsBefore, pads };
}

interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  readonly ceilMode: boolean;
  /** Undefined where it is open or unknown. */
  readonly size: number | undefined;
}

function endPad(axis: Axis): number {
  const { size, end, dilation, kernel } = axis;
  const isSame =
    size !== undefined && placesOf(axis, size) === placesOf({ ...axis, kernel: kernel + 1 }, size);
  return isSame ? end : end + dilation;
}

/** Number of windows along an axis of `size` pixels. */
function placesOf({ kernel, stride, dilation, begin, end, ceilMode }: Axis, size: number): number {
  const free = size + begin + end - dilation * (kernel - 1) - 1;
  if (!ceilMode) return Math.floor(free / stride) + 1;
  const places = Math.ceil(free / stride) + 1;
  // the last window has to start inside the input or its beginning pad
  return (places - 1) * stride >= size + begin ? places - 1 : places;
}

const hasOnePlace = (axis: Axis): boolean => axis.size !== undefined && placesOf(axis, axis.size) === 1;

/** Whether the added place of any window lies on a pixel. */
function seesPixels(axis: Axis): boolean {
  const { size, kernel, dilation, begin, stride } = axis;
  if (size === undefined) return true;
  const first = kernel * dilation - begin;
  const window = Math.max(0, Math.ceil(-first / stride));
  return window < placesOf(axis, size) && first + window * stride < size;
}

/** Pads as numbers; undefined where they follow from a size that is not known. ONNX: Conv, auto_pad. */
function explicitPads(
  window: WindowAttributes,
  spatial: readonly number[] | undefined,
): readonly number[] | undefined {
  const { autoPad, pads } = window;
  if (autoPad === "NOTSET" || autoPad === "") return pads;
  if (autoPad === "VALID") return pads.map(() => 0);
  if (spatial === undefined) return undefined;
  const both = axesOf(window).map((along, axis) => {
    const size = spatial[axis] as number;
    return samePads(autoPad, along, { size, places: Math.ceil(size / along.stride) });
  });
  return [...both.map(([begin]) => begin), ...both.map(([, end]) => end)];
}
