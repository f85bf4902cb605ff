// A value normalized over some of its axes, before it is told what that is called; and the Reshapes around it that made these axes.
import { BATCH, dimsOf, type Node, type Shapes } from "@snellen/graph";
import type { FormContext } from "../normalization.ts";
import { axisParts, axisStates, type Part } from "./axis-parts.ts";
import { dimsBeside, onlyReader, parameterOf, permutationOf } from "./support.ts";

/** A value normalized over some of its axes. */
export interface Core {
  readonly form: string;
  readonly node: Node;
  readonly nodes: readonly Node[];
  readonly input: string;
  /** Before a scale and bias that are nodes of their own; else `output`. */
  readonly normalized: string;
  readonly output: string;
  /** Axes of `input` that the statistics run over. */
  readonly axes: readonly number[];
  /** Whether the mean is taken off. */
  readonly isCentred: boolean;
  readonly epsilon: number;
  readonly scale: string | null;
  readonly bias: string | null;
  /** How the scale (else the bias) lies beside `input`; of the operators' own, by their definition. */
  readonly affineDims: readonly number[] | undefined;
  /** Whether one axis is said to be the channels, so that the others are positions. */
  readonly channelAxis?: number;
}

/** A Reshape in front of a core and the one behind it that undoes it, maybe between a Transpose and its inverse. */
export interface Sandwich {
  readonly input: string;
  readonly output: string;
  readonly nodes: readonly Node[];
  readonly parts: readonly Part[];
  /** Axis of the channels in `input`, where a Transpose brought them to where the core has them. */
  readonly channelAxis?: number;
}

/** The Reshapes around a value with statistics; undefined when there are none, or when the second does not undo the first. */
export function sandwichOf(
  context: FormContext,
  core: Pick<Core, "input" | "output" | "axes" | "channelAxis">,
): Sandwich | undefined {
  const { index, shapes } = context;
  const before = index.producer(core.input);
  const after = onlyReader(index, core.output);
  if (before?.opType !== "Reshape" || after?.opType !== "Reshape") return undefined;
  const [input, output] = [before.inputs[0] as string, after.outputs[0] as string];
  const [from, to] = [input, output].map((name) => dimsOf(shapes, name));
  if (from === undefined || to?.join() !== from.join()) return undefined;
  const parts = partsThrough(shapes, input, core);
  const sandwich = parts && { input, output, nodes: [before, after], parts };
  return sandwich && betweenTransposes(context, sandwich, core.channelAxis);
}

/** The factors of a core's axes as they lie in the value before the Reshape. */
function partsThrough(
  { probes: [types] }: Shapes,
  before: string,
  { input, axes }: Pick<Core, "input" | "axes">,
): readonly Part[] | undefined {
  const [outer, inner] = [before, input].map((name) => types?.get(name)?.dims);
  return outer && inner && axisParts(outer, inner, axes);
}

/** The same with the Transposes around it, where the second undoes the first and nobody else reads what lies between. */
function betweenTransposes(
  { index, shapes }: FormContext,
  sandwich: Sandwich,
  channelAxis: number | undefined,
): Sandwich {
  const [reshape] = sandwich.nodes;
  const before = index.producer(sandwich.input);
  const after = onlyReader(index, sandwich.output);
  if (before?.opType !== "Transpose" || after?.opType !== "Transpose") return sandwich;
  const rank = dimsOf(shapes, sandwich.input)?.length ?? 0;
  const [forth, back] = [before, after].map((node) => permutationOf(node, rank)) as [number[], number[]];
  const isUndone = forth.every((axis, i) => back[axis] === i);
  if (!isUndone || onlyReader(index, sandwich.input) !== reshape) return sandwich;
  return {
    input: before.inputs[0] as string,
    output: after.outputs[0] as string,
    nodes: [before, ...sandwich.nodes, after],
    parts: sandwich.parts.map((part) => ({ ...part, outer: forth[part.outer] as number })),
    ...(channelAxis !== undefined && { channelAxis: forth[channelAxis] as number }),
  };
}

/**
 * A core without scale and bias of its own, with those that follow it before the Reshape back: γ of [1, G, C/G, 1, 1]. The same
 * core where none do.
 */
export function withInnerAffine(context: FormContext, core: Core): Core {
  const { index, shapes } = context;
  const before = index.producer(core.input);
  const rank = dimsOf(shapes, core.input)?.length ?? 0;
  if (core.scale !== null || core.bias !== null || before?.opType !== "Reshape") return core;
  const parts = partsThrough(shapes, before.inputs[0] ?? "", core);
  const step = (value: string, opType: string): { node: Node; constant: string } | undefined => {
    const node = onlyReader(index, value);
    const constant = node?.inputs.find((name) => name !== value) ?? "";
    const fits =
      node?.opType === opType &&
      parts !== undefined &&
      mayBeAffine(context, constant, { axes: core.axes, rank }, parts);
    return fits && node !== undefined ? { node, constant } : undefined;
  };
  const scale = step(core.output, "Mul");
  const bias = step(scale?.node.outputs[0] ?? core.output, "Add");
  const last = bias ?? scale;
  const output = last?.node.outputs[0] ?? "";
  if (last === undefined || onlyReader(index, output)?.opType !== "Reshape") return core;
  const named = (found: typeof scale) => (found === undefined ? null : parameterOf(index, found.constant));
  return {
    ...core,
    nodes: [...core.nodes, ...[scale, bias].flatMap((s) => (s === undefined ? [] : [s.node]))],
    output,
    scale: named(scale),
    bias: named(bias),
    affineDims: dimsBeside(context, (scale ?? last).constant, rank),
  };
}

/**
 * Whether a constant may be the scale or bias of a value normalized over these axes: it differs along the axis whose channels the
 * statistics mix or group, along the only one that they keep apart, or along axes of the statistics alone.
 */
export function mayBeAffine(
  context: FormContext,
  constant: string,
  core: { readonly axes: readonly number[]; readonly rank: number },
  parts: readonly Part[],
): boolean {
  const dims = dimsBeside(context, constant, core.rank);
  const axes = dims?.flatMap((d, axis) => (d === 1 ? [] : [axis])) ?? [];
  if (axes.length === 0 || dims?.includes(BATCH)) return false;
  if (axes.every((axis) => core.axes.includes(axis))) return true;
  const states = axisStates(parts);
  const [outer, more] = new Set(parts.filter((p) => axes.includes(p.inner)).map((p) => p.outer));
  if (outer === undefined || outer === 0 || more !== undefined) return false;
  const others = [...states].filter(([axis]) => axis > 0 && axis !== outer).map(([, state]) => state);
  return states.get(outer) === "split" || !others.some((state) => state === "kept" || state === "split");
}
