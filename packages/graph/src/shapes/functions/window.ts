// How many places a sliding window has along one axis: the arithmetic that Conv, pooling and their transposes share.
// ONNX: operators Conv, ConvTranspose, MaxPool (auto_pad, ceil_mode, dilations).
import { attr, type Node } from "../../model.ts";
import type { Dims } from "./support.ts";

export interface Window {
  readonly kernel: Dims;
  readonly strides: Dims;
  readonly dilations: Dims;
  /** Beginnings of all axes, then ends. */
  readonly pads: Dims;
  readonly autoPad: string;
  readonly ceilMode: boolean;
}

/** The window attributes of a node, with ONNX's defaults. */
export function windowOf(node: Node, kernel: Dims): Window {
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

/** Output size of each spatial axis. */
export const slide = (window: Window, spatial: Dims): number[] =>
  spatial.map((size, axis) => slideAlong(window, size, axis));

function slideAlong(window: Window, size: number, axis: number): number {
  const { kernel, strides, dilations, pads, autoPad, ceilMode } = window;
  const stride = strides[axis] as number;
  if (autoPad.startsWith("SAME")) return Math.ceil(size / stride);
  const valid = autoPad === "VALID";
  const begin = valid ? 0 : (pads[axis] as number);
  const end = valid ? 0 : (pads[axis + kernel.length] as number);
  const reach = (dilations[axis] as number) * ((kernel[axis] as number) - 1) + 1;
  const free = size + begin + end - reach;
  if (!ceilMode) return Math.floor(free / stride) + 1;
  const places = Math.ceil(free / stride) + 1;
  // The last window has to start inside the input or its beginning pad.
  return (places - 1) * stride >= size + begin ? places - 1 : places;
}

/** Output size of each spatial axis of the transposed convolution. */
export function slideBack(node: Node, window: Window, spatial: Dims): number[] {
  const given = attr.ints(node, "output_shape");
  if (given !== undefined && given.length > 0) return given.slice(-spatial.length);
  const { kernel, strides, dilations, pads, autoPad } = window;
  const extra = attr.ints(node, "output_padding");
  return spatial.map((size, axis) => {
    const stride = strides[axis] as number;
    if (autoPad.startsWith("SAME")) return size * stride;
    const reach = (dilations[axis] as number) * ((kernel[axis] as number) - 1) + 1;
    const padded = autoPad === "VALID" ? 0 : (pads[axis] as number) + (pads[axis + kernel.length] as number);
    return stride * (size - 1) + (extra?.[axis] ?? 0) + reach - padded;
  });
}
