// Gradient of a convolution by its weights: dw[m,c,k] = Σ_{n,o} dy[n,m,o] · x[n,c, o·stride + k·dilation − pad]. Derived here.
// A matrix product for each shift between x and dy, over all positions; which of the two is shifted is chosen by shape.
import { BATCH, type GraphBuilder } from "@snellen/graph";
import { padAxes } from "./emit.ts";
import { at, every, exactEnd, product, times, type Windows } from "./window.ts";

/** The operands: x [N, g·c, …], dy [N, g·m, …]. */
export interface Operands {
  readonly b: GraphBuilder;
  readonly x: string;
  readonly dy: string;
  readonly windows: Windows;
  readonly group: number;
}

/** How the products are made. */
interface Plan {
  /** Shifts along the first so many spatial axes are made on dy, the others on x. */
  readonly onDy: number;
  /** Whether the shifted copies of dy, of x, lie side by side as one matrix: one product for all of them. */
  readonly joinDy: boolean;
  readonly joinX: boolean;
  /** One product over all images, of operands with channels first; else one for each image, and their sum. */
  readonly overImages: boolean;
}

/** dw of a convolution over the given windows, [g·m, c, k…]. */
export function convWeightGradient(
  b: GraphBuilder,
  x: string,
  dy: string,
  windows: Windows,
  group: number,
): string {
  const operands = { b, x, dy, windows, group };
  const plan = planOf(operands);
  if (plan === undefined) return swappedConvolution(operands);
  return plan === "patches" ? productOfPatches(operands) : productsOfShifts(operands, plan);
}

/**
 * The fastest form, by measurement; undefined for the convolution with batch and channels swapped. Times in this file are
 * milliseconds (half the processor time of two threads; AVX2, ONNX Runtime 1.30), in brackets the swapped convolution's beside.
 * 3×3, 16 channels of 128 × 32²: 24 (67); 64 of 128 × 8²: 16 (24); 256 of 16 × 14²: 51 (78); 1×1, 256 → 64 of 16 × 28²: 6 (37).
 * With stride, cutting out the shifted copies takes longer than the product unless there are few of them or many channels:
 * 3×3, stride 2: 16 → 32 of 128 × 32²: 24 (17); 160 → 160 of 16 × 28²: 29 (23); 256 → 512 of 16 × 14²: 26 (36).
 */
function planOf({ b, x, dy, windows, group }: Operands): Plan | "patches" | undefined {
  const { kernel, strides, dilations } = windows;
  const [c, m] = [x, dy].map((v) => at(b.dims(v), 1)) as [number, number];
  if (c === BATCH || m === BATCH || [...windows.input, ...windows.output, ...kernel].includes(BATCH)) return;
  const shifts = product(kernel);
  // Sums over images are as large as weights, for each image: they should be small beside the operands.
  const overImages = group === 1 && 3 * shifts * m * c > product(windows.output) * (m + c);
  if (!every(strides, 1)) {
    const isPatch = group === 1 && every(dilations, 1) && kernel.every((k, i) => k === at(strides, i));
    if (isPatch && at(kernel, kernel.length - 1) >= 4) return "patches";
    const isWorthwhile = group === 1 && (shifts <= 4 || m >= 192);
    return isWorthwhile ? { onDy: 0, joinDy: false, joinX: true, overImages } : undefined;
  }
  if (!overlapsEverywhere(windows)) return;
  if (group > 1) return groupedPlan(at(kernel, 0), at(windows.output, 0), c === group && m === group);
  return { ...cheapest(kernel, c, m), overImages };
}

/** Stride 1: all shifts on the operand with far fewer channels, or the first axis' on dy and the others' on x. */
function cheapest(kernel: readonly number[], c: number, m: number): Omit<Plan, "overImages"> {
  const [shifts, first] = [product(kernel), at(kernel, 0)];
  // Numbers of channels copied: joining copies once more.
  const plans = [
    { cost: 2 * first * m + (shifts / first) * c, onDy: 1, joinDy: true, joinX: false },
    { cost: 2 * shifts * c, onDy: 0, joinDy: false, joinX: true },
    { cost: 2 * shifts * m, onDy: kernel.length, joinDy: true, joinX: false },
  ];
  return plans.reduce((best, plan) => (plan.cost < best.cost ? plan : best));
}

/**
 * Stride 1 in groups: both operands joined, as the products are small (32 groups of 4 channels, 3×3: 12 ms (28)). Depthwise, a
 * product for each shift of dy is a vector times a matrix (3×3 at 28²: 12 ms (23); 7×7 at 56²: 46 (86), joined).
 */
function groupedPlan(first: number, rows: number, isDepthwise: boolean): Plan | undefined {
  // On maps not much larger than the kernel the small matrices do not pay (7×7 at 7²: 30 ms (23)).
  if (isDepthwise && 2 * rows < 5 * first) return undefined;
  return { onDy: 1, joinDy: !isDepthwise || first > 3, joinX: true, overImages: false };
}

/** Whether every shift leaves some of each operand over the other: not so where a kernel element only ever sees padding. */
function overlapsEverywhere({ kernel, dilations, begin, input, output }: Windows): boolean {
  return kernel.every((k, i) => {
    const last = (k - 1) * at(dilations, i);
    return at(begin, i) < at(output, i) && at(begin, i) - last > -at(input, i);
  });
}

/** Σ over images and positions of (shifted dy) · (shifted x)ᵀ, for every pair of shifts. */
function productsOfShifts(operands: Operands, plan: Plan): string {
  const { b, windows, group } = operands;
  const { onDy, overImages } = plan;
  const [c, m] = [operands.x, operands.dy].map((v) => at(b.dims(v), 1) / group) as [number, number];
  const [x, dy] = [operands.x, operands.dy].map((v) => (overImages ? channelsFirst(b, v) : v)) as [
    string,
    string,
  ];
  const positions = product([...windows.input.slice(0, onDy), ...windows.output.slice(onDy)]);
  const matrices = (copies: readonly string[], channels: number, join: boolean): string[] => {
    const shape = b.ints(overImages ? [channels, -1] : [0, group, channels, positions]);
    const flat = copies.map((copy) => b.op("Reshape", [copy, shape]));
    return join ? [joined(b, flat, overImages ? 0 : 2)] : flat;
  };
  const left = matrices(shiftedDy(b, dy, windows, onDy), m, plan.joinDy);
  const right = matrices(shiftedX(b, x, windows, onDy), c, plan.joinX);
  const shifts = product(windows.kernel);
  const first = product(windows.kernel.slice(0, onDy));
  // [g, shifts of dy, m, shifts of x, c]
  const sizes = [group, first / left.length, m, shifts / first / right.length, c];
  const rows = left.map((l) =>
    joined(
      b,
      right.map((r) => b.op("Reshape", [matrixProduct(b, l, r, overImages), b.ints(sizes)])),
      3,
    ),
  );
  const turned = b.op("Transpose", [joined(b, rows, 1)], { perm: [0, 2, 4, 1, 3] });
  return b.op("Reshape", [turned, b.ints([group * m, c, ...windows.kernel])]);
}

const joined = (b: GraphBuilder, parts: readonly string[], axis: number): string =>
  parts.length === 1 ? (parts[0] as string) : b.op("Concat", parts, { axis });

/** l · rᵀ, summed over images. ONNX Runtime fuses the transpose into the product. */
function matrixProduct(b: GraphBuilder, l: string, r: string, overImages: boolean): string {
  if (overImages) return b.op("Gemm", [l, r], { transB: 1 });
  const each = b.op("MatMul", [l, b.op("Transpose", [r], { perm: [0, 1, 3, 2] })]);
  return b.op("ReduceSum", [each, b.ints([0])], { keepdims: 0 });
}

/** Every combination of kernel positions along the axes from `start` to `end`, in order. */
const tapsOf = (kernel: readonly number[], start: number, end?: number): number[][] =>
  kernel
    .slice(start, end)
    .reduce<number[][]>(
      (taps, k) => taps.flatMap((tap) => [...Array(k).keys()].map((i) => [...tap, i])),
      [[]],
    );

/** dy where each kernel position along the first axes meets x, as large as x there. */
function shiftedDy(b: GraphBuilder, dy: string, windows: Windows, axes: number): string[] {
  const { dilations, begin, input, output } = windows;
  return tapsOf(windows.kernel, 0, axes).map((tap) =>
    shiftAxes(
      b,
      dy,
      tap.map((k, i) => k * at(dilations, i) - at(begin, i)),
      output,
      input,
      0,
    ),
  );
}

/** x where each kernel position along the axes from `start` on meets dy, as large as dy there. */
function shiftedX(b: GraphBuilder, x: string, windows: Windows, start: number): string[] {
  const { kernel, strides, dilations, begin, input, output } = windows;
  const taps = tapsOf(kernel, start);
  if (every(strides, 1)) {
    return taps.map((tap) => {
      const before = tap.map((k, i) => at(begin, start + i) - k * at(dilations, start + i));
      return shiftAxes(b, x, before, input.slice(start), output.slice(start), start);
    });
  }
  const covered = coveredInput(b, x, windows);
  return taps.map((tap) => {
    const starts = tap.map((k, i) => k * at(dilations, i));
    const ends = starts.map((s, i) => s + (at(output, i) - 1) * at(strides, i) + 1);
    return b.op("Slice", [
      covered,
      b.ints(starts),
      b.ints(ends),
      b.ints(tap.map((_, i) => i + 2)),
      b.ints(strides),
    ]);
  });
}

/** Spatial axes moved by `before` (zeros come in, what leaves is cut) and brought from one size to another. */
const shiftAxes = (
  b: GraphBuilder,
  value: string,
  before: readonly number[],
  from: readonly number[],
  to: readonly number[],
  start: number,
): string =>
  padAxes(
    b,
    value,
    new Map(before.map((p, i) => [start + i + 2, [p, at(to, i) - at(from, i) - p] as const])),
  );

/** x with its padding, without what no window covers. */
function coveredInput(b: GraphBuilder, x: string, windows: Windows): string {
  const end = exactEnd(windows);
  return padAxes(b, x, new Map(windows.begin.map((p, i) => [i + 2, [p, at(end, i)] as const])));
}

/** Kernels side by side without overlap: one product of dy with all patches (16×16, 3 → 768 of 8 × 224²: 24 ms (29)). */
function productOfPatches({ b, x, dy, windows }: Operands): string {
  const { kernel, output } = windows;
  const [c, m] = [x, dy].map((v) => at(b.dims(v), 1)) as [number, number];
  const cells = b.ints([0, c, ...kernel.flatMap((k, i) => [at(output, i), k])]);
  const axes = kernel.map((_, i) => 2 * i + 2);
  const patches = b.op("Transpose", [b.op("Reshape", [coveredInput(b, x, windows), cells])], {
    perm: [0, ...axes, 1, ...axes.map((a) => a + 1)],
  });
  const rows = b.op("Reshape", [patches, b.ints([-1, c * product(kernel)])]);
  const columns = b.op("Reshape", [channelsFirst(b, dy), b.ints([m, -1])]);
  return b.op("Reshape", [b.op("Gemm", [columns, rows]), b.ints([m, c, ...kernel])]);
}

/** The plain form: a convolution of x by dy in which batch and channels change places, and stride and dilation too: fits any shape. */
export function swappedConvolution({ b, x, dy, windows, group }: Operands): string {
  const { kernel, strides, dilations, begin } = windows;
  const end = exactEnd(windows).map((p) => Math.max(p, 0));
  const full = b.op("Conv", [batchAsChannels(b, x, group), channelsFirst(b, dy)], {
    strides: dilations,
    dilations: strides,
    pads: [...begin, ...end],
    group,
  });
  // Input that no window covers leaves room for further kernel positions.
  const sizes = b.dims(full).slice(2);
  const longer = kernel.flatMap((k, i) => (at(sizes, i) > k ? [i] : []));
  if (longer.length === 0) return channelsFirst(b, full);
  const starts = b.ints(longer.map(() => 0));
  const ends = b.ints(longer.map((i) => at(kernel, i)));
  return channelsFirst(b, b.op("Slice", [full, starts, ends, b.ints(longer.map((i) => i + 2))]));
}

/** [N, g·c, …] → [c, g·N, …]. */
function batchAsChannels(b: GraphBuilder, x: string, group: number): string {
  const [n, channels, ...sizes] = b.dims(x) as [number, number, ...number[]];
  if (group === 1) return channelsFirst(b, x);
  const perGroup = channels === BATCH ? BATCH : channels / group;
  const axes = sizes.map((_, i) => i + 3);
  const split = b.op("Reshape", [x, b.ints([0, group, perGroup, ...sizes])]);
  const turned = b.op("Transpose", [split], { perm: [2, 1, 0, ...axes] });
  return b.op("Reshape", [turned, b.ints([0, times(group, n), ...sizes])]);
}

/** [N, C, …] ↔ [C, N, …]. */
function channelsFirst(b: GraphBuilder, x: string): string {
  const axes = [...Array(b.rank(x)).keys()].slice(2);
  return b.op("Transpose", [x], { perm: [1, 0, ...axes] });
}
