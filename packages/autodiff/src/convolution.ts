// Convolutions over windows, and their gradients by input and bias (by weights: convolution-weights.ts). Any rank and group.
// Forms are chosen by shape for ONNX Runtime's CPU kernels (times: onnxruntime-node 1.30, 2 threads).
import { BATCH, type GraphBuilder } from "@snellen/graph";
import { affineMaps, isBlocked } from "./blocked.ts";
import { at, every, exactEnd, padsOf, reach, times, type Windows } from "./window.ts";

/** The convolution of `value` over the given windows; what no window covers is cut off. */
export function convOver(
  b: GraphBuilder,
  value: string,
  weight: string,
  windows: Windows,
  group: number,
): string {
  const { strides, dilations, begin } = windows;
  const end = exactEnd(windows).map((p, i) => (p > -at(strides, i) ? Math.max(p, 0) : p));
  const pads = padsOf(
    begin.map((p) => Math.max(p, 0)),
    end.map((p) => Math.max(p, 0)),
  );
  return b.op("Conv", [crop(b, value, begin, end), weight], { strides, dilations, pads, group });
}

/** Cuts away what negative pads of a convolution would: −begin at the front, −end at the back. */
function crop(b: GraphBuilder, value: string, begin: readonly number[], end: readonly number[]): string {
  const axes = begin.flatMap((p, i) => (p < 0 || at(end, i) < 0 ? [i] : []));
  if (axes.length === 0) return value;
  const dims = b.dims(value).slice(2);
  const starts = axes.map((i) => Math.max(-at(begin, i), 0));
  const ends = axes.map((i) => at(dims, i) - Math.max(-at(end, i), 0));
  return b.op("Slice", [value, b.ints(starts), b.ints(ends), b.ints(axes.map((i) => i + 2))]);
}

/**
 * dx of a convolution. Stride 1: convolution of dy with the mirrored weights, which ONNX Runtime makes once at load and
 * keeps in its blocked layout (ConvTranspose: 2× slower, depthwise 3×). 1×1 with stride: small convolution, then zeros
 * between (by a depthwise ConvTranspose of ones: 0.3–0.5 of Reshape + Pad's time). Otherwise ConvTranspose, which leaves that
 * layout; behind a depthwise one a convolution with ones returns to it, as many element-wise steps on large maps follow
 * (gradient of MobileNetV2: −12 %; of ResNets: no gain behind dense ones). With weights that are trained too (3×3, stride 2,
 * 32 → 16 channels of 128 × 32²: 9 ms; one convolution for all phases and DepthToSpace 15; zeros between and a convolution 26).
 */
export function convInputGradient(
  b: GraphBuilder,
  dy: string,
  weight: string,
  windows: Windows,
  group: number,
): string {
  const { kernel, strides, dilations, begin } = windows;
  const end = exactEnd(windows);
  const span = reach(windows).map((r) => r - 1);
  const inside = padsOf(
    span.map((s, i) => s - at(begin, i)),
    span.map((s, i) => s - at(end, i)),
  );
  if (every(strides, 1) && inside.every((p) => p >= 0)) {
    return b.op("Conv", [dy, mirrored(b, weight, group)], { pads: inside, dilations, group });
  }
  if (every(kernel, 1) && every(begin, 0) && !b.dims(weight).includes(BATCH)) {
    const small = b.op("Conv", [dy, mirrored(b, weight, group)], { group });
    return spreadOver(b, small, windows);
  }
  const dx = transposedConv(b, dy, weight, windows, group);
  const isDepthwise = group > 1 && b.dims(weight)[1] === 1;
  return isDepthwise && isBlocked(b, dy) ? affineMaps(b, dx, 1) : dx;
}

/** ConvTranspose over the given windows: exact size for any remainder of the stride. */
function transposedConv(b: GraphBuilder, dy: string, w: string, windows: Windows, group: number): string {
  const { strides, dilations, begin } = windows;
  const end = exactEnd(windows);
  const pads = padsOf(
    begin,
    end.map((p) => Math.max(p, 0)),
  );
  const padding = end.map((p) => Math.max(-p, 0));
  return b.op("ConvTranspose", [dy, w], {
    strides,
    dilations,
    pads,
    group,
    output_padding: every(padding, 0) ? undefined : padding,
  });
}

/** Adds each value of [N, C, …] to every input position that its window covers: a depthwise ConvTranspose with ones. */
export function spreadOver(b: GraphBuilder, value: string, windows: Windows): string {
  const channels = at(b.dims(value), 1);
  const ones = b.scalar(1, value);
  const kernel = b.op("Expand", [ones, b.ints([channels, 1, ...windows.kernel])]);
  return transposedConv(b, value, kernel, windows, channels);
}

/** Weights [M, C/g, k…] of the convolution in the other direction: [C, M/g, k…], each kernel mirrored. */
function mirrored(b: GraphBuilder, weight: string, group: number): string {
  const [m, c, ...kernel] = b.dims(weight) as [number, number, ...number[]];
  const perGroup = m === BATCH ? BATCH : m / group;
  const axes = kernel.map((_, i) => i + 2);
  let swapped = weight;
  if (group === 1) swapped = b.op("Transpose", [weight], { perm: [1, 0, ...axes] });
  else if (c !== 1 || perGroup !== 1) {
    const split = b.op("Reshape", [weight, b.ints([group, perGroup, c, ...kernel])]);
    const turned = b.op("Transpose", [split], { perm: [0, 2, 1, ...axes.map((a) => a + 1)] });
    swapped = b.op("Reshape", [turned, b.ints([times(group, c), perGroup, ...kernel])]);
  }
  const flips = axes.filter((a) => kernel[a - 2] !== 1);
  if (flips.length === 0) return swapped;
  const minus = b.ints(flips.map(() => -1));
  return b.op("Slice", [swapped, minus, b.ints(flips.map(() => -FAR)), b.ints(flips), minus]);
}

/** Further than any axis is long. */
const FAR = 2 ** 31 - 1;

/** Gradient of a bias: [N, C, …] → [C]. */
export const sumOverPositions = (b: GraphBuilder, dy: string): string =>
  b.op("ReduceSum", [dy, b.ints(b.dims(dy).flatMap((_, i) => (i === 1 ? [] : [i])))], { keepdims: 0 });
