// Gradients of pooling. Where windows of a maximum tie, the first in row-major order receives all, as in PyTorch's max_pool.
// ONNX Runtime's average divides by the positions up to the stated end pad, also where ceil_mode lets a window pass it.
import { attr, type GraphBuilder, makeTensor } from "@snellen/graph";
import { affine, affineMaps, isBlocked, repeatPixels } from "../blocked.ts";
import { reshapeLike } from "../broadcast.ts";
import { spreadOver } from "../convolution.ts";
import { compare, mul, scaled, where } from "../emit.ts";
import { type Rule, type RuleContext, unary } from "../rule.ts";
import { at, every, exactEnd, padsOf, product, reach, spatial, type Windows, windowsOf } from "../window.ts";

const pooled = ({ b, node, x, y }: RuleContext): Windows => {
  const kernel = attr.ints(node, "kernel_shape") ?? [];
  return windowsOf(b, node, kernel, { big: x[0] as string, small: y[0] as string });
};

// dx[i] = Σ_{windows o ∋ i} dy[o] / count[o]
export const AveragePool: Rule = (c) => {
  const windows = pooled(c);
  const withPads = attr.int(c.node, "count_include_pad", 0) === 1;
  const shares = windows.output.map((_, axis) => counts(windows, axis, withPads).map((n) => 1 / n));
  return [spread(c.b, c.dy, windows, shares)];
};

/**
 * The mean's share for every pixel. Repeated here rather than by the walk: a Resize keeps all that follows in the blocked
 * layout (ResNet-50: 65 changes of layout become 7).
 */
export const GlobalAveragePool: Rule = ({ b, node, x, dy }) => {
  const sizes = spatial(b, x[0] as string, node);
  const factor = 1 / product(sizes);
  const isInside = isBlocked(b, x[0] as string);
  return [isInside ? repeatPixels(b, affineMaps(b, dy, factor), sizes) : scaled(b, dy, factor)];
};

/**
 * The indices that MaxPool gives say where each maximum stood; dy is added there. (3×3, stride 2, 64 × 112²: 10 ms, 7 of them
 * MaxPool with indices. Four MaxUnpools: 13. The winner found again without indices, row by row with step masks: 8, but 104
 * against 90 at batch 8.)
 */
export const MaxPool: Rule = ({ b, node, x, dy }) => {
  const value = x[0] as string;
  const rowMajor = attr.int(node, "storage_order", 0) === 0;
  const indices = rowMajor
    ? b.outputsOf(node, 2)[1]
    : b.ops("MaxPool", [value], 2, { ...node.attributes, storage_order: 0 })[1];
  const flat = b.ints([-1]);
  const zeros = b.op("Reshape", [b.op("Expand", [b.scalar(0, dy), b.op("Shape", [value])]), flat]);
  const places = b.op("Reshape", [indices as string, flat]);
  const sums = b.op("ScatterElements", [zeros, places, b.op("Reshape", [dy, flat])], {
    axis: 0,
    reduction: "add",
  });
  return [reshapeLike(b, sums, value)];
};

/** The first of equal maxima, as MaxPool over the whole map. */
export const GlobalMaxPool = unary(({ b, node, x, dy }) => {
  const count = product(spatial(b, x, node));
  const flat = b.op("Reshape", [x, b.ints([0, 0, count])]);
  const first = b.op("ArgMax", [flat], { axis: 2, keepdims: 1 });
  const positions = b.tensor(
    makeTensor(
      "int64",
      [count],
      Array.from({ length: count }, (_, i) => i),
    ),
  );
  const isFirst = b.op("Equal", [positions, first]);
  return reshapeLike(b, where(b, isFirst, b.op("Reshape", [dy, b.ints([0, 0, 1])])), x);
});

// y = (Σ |x|^p)^{1/p}:  dx = sign(x) |x|^{p−1} · Σ_{windows ∋ x} dy · y^{1−p}, 0 where y is 0
export const LpPool: Rule = (c) => {
  const windows = pooled(c);
  const ones = windows.output.map((size) => new Array<number>(size).fill(1));
  return [lpGradient(c, (share) => spread(c.b, share, windows, ones))];
};
export const GlobalLpPool: Rule = (c) => [lpGradient(c, (share) => share)];

function lpGradient({ b, node, x, y, dy }: RuleContext, repeat: (share: string) => string): string {
  const p = attr.int(node, "p", 2);
  const [value, root] = [x[0] as string, y[0] as string];
  const power = (v: string, n: number) => (n === 1 ? v : b.op("Pow", [v, b.scalar(n, v)]));
  const direction =
    p === 2
      ? value
      : mul(b, b.op("Sign", [value]), p === 1 ? b.scalar(1, value) : power(b.op("Abs", [value]), p - 1));
  if (p === 1) return mul(b, direction, repeat(dy));
  const share = where(b, compare(b, "Greater", root, 0), b.op("Div", [dy, power(root, p - 1)]));
  return mul(b, direction, repeat(share));
}

// y[i] = x where the index points, else 0
export const MaxUnpool: Rule = ({ b, x, dy }) => {
  const flat = b.ints([-1]);
  const places = b.op("Reshape", [x[1] as string, flat]);
  const taken = b.op("GatherElements", [b.op("Reshape", [dy, flat]), places], { axis: 0 });
  return [reshapeLike(b, taken, x[0] as string)];
};

/** Elements that each window along an axis counts: all inside the input, or also those in the stated pads. */
function counts(
  { kernel, strides, dilations, begin, end, input, output }: Windows,
  axis: number,
  pads: boolean,
): number[] {
  const low = pads ? -at(begin, axis) : 0;
  const high = at(input, axis) + (pads ? at(end, axis) : 0);
  return Array.from({ length: at(output, axis) }, (_, o) => {
    const start = o * at(strides, axis) - at(begin, axis);
    const covered = Array.from({ length: at(kernel, axis) }, (_, k) => start + k * at(dilations, axis));
    return Math.max(covered.filter((i) => i >= low && i < high).length, 1);
  });
}

/**
 * Adds each value, times a factor of its place, to every input position that its window covers. The factors are the outer
 * product of one list per axis. Forms (times for 256 × 28² → 56²): one window over everything: the small value itself;
 * stride 1: an average pooling (0.7 ms, ConvTranspose 2.0); tiles: Resize (0.85; ConvTranspose 1.45, Expand 7);
 * else ConvTranspose.
 */
function spread(
  b: GraphBuilder,
  value: string,
  windows: Windows,
  factors: readonly (readonly number[])[],
): string {
  const { kernel, strides, dilations, begin, input, output } = windows;
  const end = exactEnd(windows);
  const isDense = every(dilations, 1);
  if (isDense && every(output, 1) && input.every((size, i) => at(kernel, i) - at(begin, i) >= size)) {
    return times(b, value, factors, 1);
  }
  if (isDense && every(strides, 1)) {
    const span = reach(windows).map((r) => r - 1);
    const pads = padsOf(
      span.map((s, i) => s - at(begin, i)),
      span.map((s, i) => s - at(end, i)),
    );
    const value_ = times(b, value, factors, product(kernel));
    return b.op("AveragePool", [value_], { kernel_shape: kernel, pads, count_include_pad: 1 });
  }
  const shared = times(b, value, factors, 1);
  const isTiled = isDense && every(begin, 0) && every(end, 0) && kernel.every((k, i) => k === at(strides, i));
  return isTiled ? repeatPixels(b, shared, kernel) : spreadOver(b, shared, windows);
}

/** value · (outer product of the factors) · gain: a scalar where all places have the same factor. */
function times(
  b: GraphBuilder,
  value: string,
  factors: readonly (readonly number[])[],
  gain: number,
): string {
  if (factors.every((f) => f.every((v) => v === f[0]))) {
    return affine(b, value, gain * product(factors.map((f) => at(f, 0))));
  }
  const outer = factors.reduce<number[]>((all, f) => all.flatMap((a) => f.map((v) => a * v)), [gain]);
  const dims = [1, 1, ...factors.map((f) => f.length)];
  return mul(b, value, b.tensor(makeTensor(b.dataType(value), dims, outer), "shares"));
}
