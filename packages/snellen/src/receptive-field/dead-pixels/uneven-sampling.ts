// Layers that read some pixels more often than their neighbours, so that gradients with respect to pixels are a checkerboard.
// Kim et al., arXiv:2108.13576: odd kernels with even strides, the cause of dead pixels; the other kinds are derived here.
import { isExternal, type Node, nodeTitle, tensorNumbers, valuesReadBy } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { ancestors } from "../../vision-model/score-parts.ts";
import { sparseReads } from "../kernel-padding/sparse-reads.ts";
import { coverageOf, isEven, isOdd } from "../theoretical/coverage.ts";
import {
  both,
  gridAlong,
  gridWindows,
  isConvolution,
  isOfMaps,
  operatorOf,
  type Pair,
} from "../theoretical/grid-windows.ts";
import { cutAlong } from "../theoretical/reads.ts";
import { type Fields, fieldsOf } from "../theoretical/receptive-field.ts";
import { resamplingAlong } from "../theoretical/resize-along.ts";
import { type AlongAxis, type Window, weightOf } from "../theoretical/window-along.ts";

export type UnevenKind = "odd-kernel" | "pooling" | "subsampling" | "uneven-overlap";

/** A layer that reads some pixels more often than their neighbours, and whether that can be mended. */
export interface UnevenSampling {
  readonly node: string;
  readonly opType: string;
  readonly kind: UnevenKind;
  readonly kernel: Pair;
  /** Of a Resize, input cells from one output cell to the next. */
  readonly stride: Pair;
  /**
   * How many windows read an input cell, by its position modulo the stride: [1, 2] for a kernel of 3 with stride 2 and padding 1.
   * A single number where the axis is read evenly at stride 1. Of a Resize, by position within the shortest repeating run.
   */
  readonly coverage: Pair<readonly number[]>;
  /** Initializer of the weight, if that is what the convolution reads. */
  readonly weight?: string;
  readonly reason: string;
  /** `kernel-padding`: by `fix kernel-padding`, the function unchanged; `pooling`: by its `--pooling`, which changes the function. */
  readonly fixable: "kernel-padding" | "pooling" | "no";
}

const POOLING: ReadonlySet<string> = new Set(["MaxPool", "AveragePool", "LpPool"]);

/**
 * Causes of uneven gradients between the image and the scores, in graph order. No causes: windows that cover every position equally
 * often (patches without overlap, kernels that are multiples of their stride), slices that together take every cell, and blurs
 * before subsampling, whose fixed weights give every position the same sum.
 */
export function unevenSampling(info: DescribedModel): readonly UnevenSampling[] {
  const found = fieldsOf(info);
  const { nodes } = info.model.graph;
  const leading = ancestors(found.b, info.logits.value);
  const sparse = new Set(sparseReads(nodes, found.b.constant, info.shapes).map(({ node }) => node));
  const dependent = new Set([info.input.name]);
  return nodes.flatMap((node) => {
    if (!valuesReadBy(node).some((name) => dependent.has(name))) return [];
    for (const name of node.outputs) dependent.add(name);
    const isBetween = dependent.has(node.inputs[0] ?? "") && node.outputs.some((name) => leading.has(name));
    if (!isBetween || !isOfMaps(found, node)) return [];
    if (isConvolution(node) || POOLING.has(operatorOf(node))) return unevenWindow(found, node);
    if (node.opType === "Slice" && sparse.has(node)) return subsampling(found, node);
    return node.opType === "Resize" ? unevenResize(found, node) : [];
  });
}

/** A window with a single place along an axis, as pooling of a whole map has it, reads no pixel twice whatever its stride. */
function repeatedWindows(found: Fields, node: Node): Pair<Window> {
  const windows = gridWindows(found, node);
  const along = gridAlong(found, node);
  return both((axis) => (along[axis].to === 1 ? { ...windows[axis], stride: 1 } : windows[axis]));
}

const times = (pair: Pair): string => pair.join("x");

function unevenWindow(found: Fields, node: Node): UnevenSampling[] {
  const windows = repeatedWindows(found, node);
  const coverage = both((axis) => coverageOf(windows[axis]));
  if (coverage.every(isEven)) return [];
  if (isConvolution(node) && isBlur(found, node, windows)) return [];
  const odd = windows.some(isOdd);
  const kind = isConvolution(node) ? (odd ? "odd-kernel" : "uneven-overlap") : "pooling";
  const weight = isConvolution(node) && found.b.initializer(weightOf(node)) ? weightOf(node) : undefined;
  const [kernel, stride] = (["kernel", "stride"] as const).map((of) => both((axis) => windows[axis][of]));
  // what the fix does: one more place along each odd axis
  const padded = windows.map((w) => (isOdd(w) ? { ...w, kernel: w.kernel + 1 } : w));
  const isMended = padded.every((window) => isEven(coverageOf(window)));
  const fix = kind === "pooling" ? "pooling" : "kernel-padding";
  return [
    {
      node: nodeTitle(node),
      opType: node.opType,
      kind,
      kernel: kernel as Pair,
      stride: stride as Pair,
      coverage,
      ...(weight !== undefined && { weight }),
      reason: `${REASONS[kind]}: ${times(kernel as Pair)} kernel, stride ${times(stride as Pair)}.`,
      fixable: isMended ? fix : "no",
    },
  ];
}

const REASONS: Readonly<Record<UnevenKind, string>> = {
  "odd-kernel":
    "odd kernel with an even stride, so that some pixels are under more windows than their neighbours",
  pooling:
    "pooling windows overlap unevenly, so that some pixels are under more of them than their neighbours",
  subsampling: "takes some pixels and leaves out their neighbours",
  "uneven-overlap":
    "kernel is no multiple of its stride, so that some pixels are under more windows than their neighbours",
};

/** Tolerance for sums of weights that were rounded to single precision. */
const ROUNDING = 1e-5;

/** Whether each filter's weights sum to the same over the taps of every position: binomial kernels do, trained ones never. */
function isBlur({ b }: Fields, node: Node, [rows, columns]: Pair<Window>): boolean {
  const weight = b.initializer(weightOf(node));
  const isDepthwise = weight?.dims.length === 4 && weight.dims[1] === 1;
  // rows and columns that changed places are not told apart here
  if (weight === undefined || !isDepthwise || isExternal(weight) || weight.dims[2] !== rows.kernel)
    return false;
  const values = tensorNumbers(weight);
  const area = rows.kernel * columns.kernel;
  for (let filter = 0; filter < values.length; filter += area) {
    const sums = new Array<number>(rows.stride * columns.stride).fill(0);
    let most = 0;
    for (let i = 0; i < area; i++) {
      const [row, column] = [
        Math.floor(i / columns.kernel) * rows.dilation,
        (i % columns.kernel) * columns.dilation,
      ];
      const phase = (row % rows.stride) * columns.stride + (column % columns.stride);
      sums[phase] = (sums[phase] as number) + (values[filter + i] as number);
      most = Math.max(most, Math.abs(values[filter + i] as number));
    }
    if (sums.some((sum) => Math.abs(sum - (sums[0] as number)) > ROUNDING * most)) return false;
  }
  return true;
}

function subsampling(found: Fields, node: Node): UnevenSampling[] {
  const cuts = gridAlong(found, node).map((along) => cutAlong(along) ?? { start: 0, step: 1 });
  const steps = cuts.map(({ step }) => Math.abs(step)) as [number, number];
  if (steps.every((step) => step === 1)) return [];
  const coverage = cuts.map(({ start }, axis) =>
    Array.from({ length: steps[axis] as number }, (_, phase) =>
      phase === start % (steps[axis] as number) ? 1 : 0,
    ),
  );
  return [sparseRow(node, steps, [coverage[0] as number[], coverage[1] as number[]])];
}

const sparseRow = (node: Node, stride: Pair, coverage: Pair<readonly number[]>): UnevenSampling => ({
  node: nodeTitle(node),
  opType: node.opType,
  kind: "subsampling",
  kernel: [1, 1],
  stride,
  coverage,
  reason: `${REASONS.subsampling}: ${node.opType === "Slice" ? "step" : "ratio"} ${times(stride)}.`,
  fixable: "no",
});

/** Shrinking that leaves cells out: picking the nearest, and interpolation without antialiasing between cells far apart. */
function unevenResize(found: Fields, node: Node): UnevenSampling[] {
  const along = gridAlong(found, node);
  const read = along.map(resizeCoverage);
  if (!read.some((counts) => counts.includes(0))) return [];
  const stride = both((axis) => resamplingAlong(along[axis])?.ratio ?? 1);
  return [sparseRow(node, stride, [read[0] as readonly number[], read[1] as readonly number[]])];
}

/** How many output cells read each input cell of the shortest run that repeats; [1] unless the axis shrinks. */
function resizeCoverage(along: AlongAxis): readonly number[] {
  const resampling = resamplingAlong(along);
  if (resampling === undefined || resampling.ratio <= 1) return [1];
  const runs = greatestDivisor(along.from, along.to);
  const period = along.from / runs;
  const counts = new Array<number>(period).fill(0);
  for (let o = 0; o < along.to / runs; o++) {
    const [first, last] = resampling.span(o);
    for (let cell = first; cell <= last; cell++) {
      const phase = ((cell % period) + period) % period;
      counts[phase] = (counts[phase] as number) + 1;
    }
  }
  return counts;
}

const greatestDivisor = (a: number, c: number): number => (c === 0 ? a : greatestDivisor(c, a % c));
