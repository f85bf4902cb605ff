// What statistics over some axes may be called. Axes are not labelled in a graph: where two readings are possible, operators
// upstream and the scale and bias behind decide (placement.ts).
import { dimsOf, elementCount } from "@snellen/graph";
import type { FormContext } from "../normalization.ts";
import { type AxisState, axisStates, type Part } from "./axis-parts.ts";
import { channelAxisHint } from "./channel-axis.ts";
import type { Core } from "./core.ts";

/** One reading of the axes. */
export interface Reading {
  readonly kind: "batch" | "group" | "instance" | "layer";
  readonly channelAxis: number;
  readonly groups: number | null;
  readonly acrossPositions: boolean;
}

/** What is known of the value that is read. */
export interface Around {
  readonly input: string;
  readonly dims: readonly number[];
  readonly isReshaped: boolean;
  /** Where Transposes around say it. */
  readonly channelAxis: number | undefined;
}

/** What the axes may mean, the likeliest first. */
export function readingsOf(
  context: FormContext,
  core: Core,
  parts: readonly Part[],
  around: Around,
): Reading[] {
  const { dims, input, isReshaped } = around;
  const states = axisStates(parts);
  const at = (state: AxisState): number[] =>
    dims.flatMap((_, axis) => (axis > 0 && states.get(axis) === state ? [axis] : []));
  const [split, reduced, kept] = [at("split"), at("reduced"), at("kept")];
  const batch = states.get(0);
  if (batch === "reduced") return split.length > 0 || kept.length !== 1 ? [] : kept.map(batchReading);
  if (batch === "split" || batch === "other" || at("other").length > 0 || split.length > 1) return [];
  const [axis] = split;
  if (axis !== undefined) {
    const groups = elementCount(parts.filter((p) => p.outer === axis && !p.isReduced).map((p) => p.size));
    return [
      { kind: "group", channelAxis: axis, groups, acrossPositions: kept.length === 0 && dims.length > 2 },
    ];
  }
  const hint = around.channelAxis ?? core.channelAxis ?? channelAxisHint(context, input);
  const [only, second] = reduced;
  const isWithin = !isReshaped && only !== undefined && second === undefined && core.axes.length === 1;
  if (kept.length === 0 && isWithin) return [layerReading(only)];
  if (kept.length === 0)
    return wholeReadings(dims.length, hint, isReshaped && hasGroupAxis(context, core) ? "group" : "layer");
  const layer = (reduced.length === 1 ? reduced : []).map(layerReading);
  const instance = (kept.length === 1 ? kept : []).map((k) => instanceReading(k, dims[k] as number));
  const isPosition = layer[0] !== undefined && hint !== undefined && hint !== layer[0].channelAxis;
  return isPosition || core.channelAxis !== undefined ? [...instance, ...layer] : [...layer, ...instance];
}

const batchReading = (channelAxis: number): Reading => ({
  kind: "batch",
  channelAxis,
  groups: null,
  acrossPositions: true,
});

const layerReading = (channelAxis: number): Reading => ({
  kind: "layer",
  channelAxis,
  groups: 1,
  acrossPositions: false,
});

const instanceReading = (channelAxis: number, groups: number): Reading => ({
  kind: "instance",
  channelAxis,
  groups,
  acrossPositions: true,
});

/** Over everything but the batch: any axis may be the channels; maps have them at axis 1 more often than not, tokens last. */
function wholeReadings(rank: number, hint: number | undefined, kind: "group" | "layer"): Reading[] {
  const axes = Array.from({ length: rank - 1 }, (_, i) => (rank === 4 ? i + 1 : rank - 1 - i));
  axes.sort((a, b) => Number(b === hint) - Number(a === hint));
  return axes.map((channelAxis) => ({ kind, channelAxis, groups: 1, acrossPositions: rank > 2 }));
}

/** Whether the Reshape made an axis of one group: [N, 1, rest]. */
function hasGroupAxis({ shapes }: FormContext, { input, axes }: Core): boolean {
  const inner = dimsOf(shapes, input) ?? [];
  return inner.some((d, axis) => axis > 0 && d === 1 && !axes.includes(axis));
}
