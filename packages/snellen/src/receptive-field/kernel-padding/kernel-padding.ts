// The cure of dead pixels: zeros behind the kernels of strided convolutions, which fine-tuning can then use.
// arXiv:2108.13576 (Pattern Recognition Letters 167, 2023), "cause and cure".
import {
  attr,
  constantOf,
  describeNode,
  type Graph,
  inlineFunctions,
  type Model,
  type Node,
  nodeTitle,
  opsetOf,
  subgraphsOf,
  type Tensor,
  tensorNumbers,
} from "@snellen/graph";
import { modulePath } from "../../vision-model/module-path.ts";
import { createGraphEdit, finishGraphEdit, type GraphEdit } from "./graph-edit.ts";
import { constantsBehind, createWeightPadder, type PadRequest } from "./pad-weight.ts";
import { inputSize, type Sizes, sizesOf, typeOf } from "./sizes.ts";
import { sparseReads } from "./sparse-reads.ts";
import {
  coversEvenly,
  type EvenWindow,
  evenWindow,
  oddAxes,
  type WindowAttributes,
  windowOf,
} from "./window.ts";

/** Which windows become even, on what size of input. */
export interface PadKernelsOptions {
  /** Enlarge pooling windows too, which changes the function; default false. */
  readonly pooling?: boolean;
  /** Sizes of open dimensions, as `ShapeOptions` has them; needed only where `auto_pad` places the padding. */
  readonly dims?: Readonly<Record<string, number>>;
}

/** A window that became even. */
export interface KernelChange {
  readonly node: string;
  readonly operator: string;
  /** Name of the weight in the new model; null for pooling. */
  readonly weight: string | null;
  /** Whether that is a copy, as others read the shorter weight. */
  readonly copied: boolean;
  readonly kernel: BeforeAfter;
  /** Beginnings of all axes, then ends. */
  readonly pads: BeforeAfter;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
  /** Path of the PyTorch module; a guess, null where no name tells. */
  readonly module: string | null;
  /** Whether all pixels are now seen equally often; not where the even kernel is no multiple of the stride. */
  readonly isEven: boolean;
}

export interface BeforeAfter {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** A layer that treats neighbouring pixels unequally and stays as it is. */
export interface KernelLeft {
  readonly node: string;
  readonly operator: string;
  readonly reason: string;
}

/** A model with padded kernels: what was changed, and what was left and why. */
export interface PaddedKernels {
  /** The user's graph with these changes; the same object where there are none. */
  readonly model: Model;
  readonly changes: readonly KernelChange[];
  readonly left: readonly KernelLeft[];
  readonly notes: readonly string[];
}

/** Operators with a window: where their weight is, and the weight's zero point where they take integers. */
const WINDOWS: Readonly<Record<string, WindowKind | undefined>> = {
  Conv: { weight: 1 },
  ConvInteger: { weight: 1, zero: 3 },
  QLinearConv: { weight: 3, zero: 5 },
  "com.microsoft::FusedConv": { weight: 1 },
  MaxPool: "pooling",
  AveragePool: "pooling",
  LpPool: "pooling",
  DeformConv: { refusal: "its offsets are made for the kernel as it is." },
  "com.microsoft::QLinearAveragePool": { refusal: "quantized pooling keeps its window." },
};

type WindowKind =
  | { readonly weight: number; readonly zero?: number }
  | { readonly refusal: string }
  | "pooling";

const kindOf = ({ domain, opType }: Node): WindowKind | undefined =>
  WINDOWS[domain === "" ? opType : `${domain}::${opType}`];

/**
 * Pads the kernels of convolutions with an odd kernel and an even stride, per axis, by zeros at the bottom and right to the next
 * even size. Every output stays what it is, at every input size that the model takes (behind `auto_pad`, at the size given). Works
 * on the file's own graph: names, operator set and the other weights stay. Model-local functions are inlined where convolutions lie inside.
 * @param original parsed, not canonical; tensors of `kernelConstants` in memory
 * @throws ModelError `dynamic-axes` where `dims` names some open dimensions and leaves others; what `canonicalize` throws
 */
export function padKernels(original: Model, options: PadKernelsOptions = {}): PaddedKernels {
  const plan = planPadding(original, options);
  const { edit, sizes, windows } = plan;
  const requests = windows.flatMap(({ request }) => request ?? []);
  const padder = createWeightPadder(edit, requests, (value) => typeOf(sizes, value));
  const changes: KernelChange[] = [];
  const left = [...plan.left];
  for (const planned of windows) {
    const padded = planned.request && padder.pad(planned.request, planned.place);
    if (padded !== undefined && "reason" in padded) {
      left.push(leftOf(planned.node, padded.reason));
      continue;
    }
    edit.nodes[planned.place] = withWindow(planned, padded?.value);
    changes.push(changeOf(planned, padded));
  }
  if (changes.length === 0) return { model: original, changes, left, notes: [] };
  return { model: finishGraphEdit(edit), changes, left, notes: notesOf(original, plan, changes) };
}

/** The constants whose bytes `padKernels` reads; others may stay on disk. */
export function kernelConstants(model: Model, options: PadKernelsOptions = {}): ReadonlySet<Tensor> {
  const { edit, windows } = planPadding(model, options);
  return new Set(
    windows.flatMap(({ request }) => (request === undefined ? [] : constantsBehind(edit, request))),
  );
}

interface Plan {
  readonly edit: GraphEdit;
  readonly sizes: Sizes;
  readonly windows: readonly PlannedWindow[];
  readonly left: readonly KernelLeft[];
}

interface PlannedWindow {
  readonly node: Node;
  readonly place: number;
  readonly window: WindowAttributes;
  readonly even: EvenWindow;
  /** Undefined for pooling. */
  readonly request: PadRequest | undefined;
  readonly weightAt: number;
}

function planPadding(original: Model, { pooling = false, dims = {} }: PadKernelsOptions): Plan {
  const hidden = original.functions.some((fn) => fn.nodes.some((node) => kindOf(node) !== undefined));
  const model = hidden ? inlineFunctions(original) : original;
  const edit = createGraphEdit(model);
  const sizes = sizesOf(model, dims);
  const windows: PlannedWindow[] = [];
  const left: KernelLeft[] = [];
  model.graph.nodes.forEach((node, place) => {
    for (const graph of subgraphsOf(node)) left.push(...leftInside(graph, describeNode(node)));
    const planned = planWindow(edit, sizes, node, place, pooling);
    if (planned === undefined) return;
    if ("reason" in planned) left.push(leftOf(node, planned.reason));
    else windows.push(planned);
  });
  const numbers = (value: string): readonly number[] | undefined => {
    const known = sizes.shapes && constantOf(sizes.shapes, value);
    const tensor = known === undefined ? edit.constant(value) : undefined;
    return tensor === undefined || tensor.dims.length > 1 ? known : tensorNumbers(tensor);
  };
  for (const { node, reason } of sparseReads(model.graph.nodes, numbers, sizes.shapes))
    left.push(leftOf(node, reason));
  return { edit, sizes, windows, left };
}

function planWindow(
  edit: GraphEdit,
  sizes: Sizes,
  node: Node,
  place: number,
  pooling: boolean,
): PlannedWindow | { readonly reason: string } | undefined {
  const kind = kindOf(node);
  if (kind === undefined) return undefined;
  const weight = kind !== "pooling" && "weight" in kind ? (node.inputs[kind.weight] ?? "") : undefined;
  const { dims } = edit.constant(weight ?? "") ?? typeOf(sizes, weight ?? "") ?? {};
  const kernel = kernelOf(node, dims);
  if (kernel === undefined)
    return isStrided(node) ? { reason: "the size of its kernel is not known." } : undefined;
  const window = windowOf(node, kernel);
  if (oddAxes(window).length === 0) return undefined;
  if (kind !== "pooling" && "refusal" in kind) return { reason: kind.refusal };
  const even = evenWindow(window, inputSize(sizes, node.inputs[0] ?? ""));
  if (even === undefined) return undefined;
  if (kind === "pooling" && !pooling)
    return { reason: "a wider pooling window changes the function; --pooling does it all the same." };
  if ("reason" in even) return even;
  if (kind === "pooling" || weight === undefined)
    return { node, place, window, even, request: undefined, weightAt: -1 };
  const added = [0, 0, ...even.added];
  const zero = node.inputs[kind.zero ?? -1] ?? "";
  const request = { value: weight, added, ...(zero !== "" && { zero: { value: zero, axis: 0 } }) };
  return { node, place, window, even, request, weightAt: kind.weight };
}

const isStrided = (node: Node): boolean => attr.ints(node, "strides")?.some((s) => s % 2 === 0) === true;

/** The kernel as the node states it, or as its weight has it. */
const kernelOf = (node: Node, weight: readonly number[] | undefined): readonly number[] | undefined =>
  attr.ints(node, "kernel_shape") ?? weight?.slice(2);

function withWindow({ node, even, weightAt }: PlannedWindow, weight: string | undefined): Node {
  const { auto_pad: _, ...others } = node.attributes;
  const ints = (values: readonly number[]) => ({ type: "ints", value: values.map(BigInt) }) as const;
  const attributes = { ...others, kernel_shape: ints(even.kernel), pads: ints(even.pads) };
  const inputs = node.inputs.map((name, i) => (i === weightAt ? (weight ?? name) : name));
  return { ...node, inputs, attributes };
}

function changeOf(
  { node, window, even, request }: PlannedWindow,
  padded: { readonly value: string; readonly copied: boolean } | undefined,
): KernelChange {
  const { kernel, strides, dilations } = window;
  return {
    node: nodeTitle(node),
    operator: node.opType,
    weight: padded?.value ?? null,
    copied: padded?.copied ?? false,
    kernel: { before: kernel, after: even.kernel },
    pads: { before: even.padsBefore, after: even.pads },
    strides,
    dilations,
    group: attr.int(node, "group", 1),
    module: modulePath(node, request?.value ?? ""),
    isEven: coversEvenly({ kernel: even.kernel, strides, dilations }),
  };
}

const leftOf = (node: Node, reason: string): KernelLeft => ({
  node: nodeTitle(node),
  operator: node.opType,
  reason,
});

/** Windows inside a branch or loop, which has no shapes of its own to check against. */
function leftInside(graph: Graph, where: string): KernelLeft[] {
  return graph.nodes.flatMap((node) => {
    const inner = subgraphsOf(node).flatMap((g) => leftInside(g, where));
    if (kindOf(node) === undefined) return inner;
    const kernel = kernelOf(node, graph.initializers.get(node.inputs[1] ?? "")?.dims);
    const isOdd = kernel === undefined ? isStrided(node) : oddAxes(windowOf(node, kernel)).length > 0;
    return isOdd ? [...inner, leftOf(node, `lies inside ${where}; export the model without it.`)] : inner;
  });
}

function notesOf(
  original: Model,
  { edit, sizes, windows }: Plan,
  changes: readonly KernelChange[],
): string[] {
  const notes: string[] = [];
  if (edit.model !== original)
    notes.push(
      `model-local functions were inlined, as convolutions lie inside (operator set ${opsetOf(edit.model)}).`,
    );
  if (sizes.isOpen && windows.some(({ window }) => window.autoPad.startsWith("SAME")))
    notes.push(
      "auto_pad was written out for the size given: pictures of other sizes may be padded on other sides.",
    );
  const uneven = changes.filter(({ isEven }) => !isEven);
  if (uneven.length > 0)
    notes.push(
      `coverage stays uneven where the even kernel is no multiple of the stride: ${uneven.map((c) => c.node).join(", ")}.`,
    );
  return notes;
}
