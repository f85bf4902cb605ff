// Where the output of a normalization goes before another one takes its scale off again: through which operators, to which ends.
// Derived here.
import { dataTypeOf, isFloating, type Node, valuesReadBy } from "@snellen/graph";
import type { Flow } from "../flow.ts";
import type { Normalization } from "../normalization.ts";
import type { ResidualAdd } from "../residual-adds.ts";
import { scaleThrough } from "./scale/scale-through.ts";
import { blended, FULLY, isFree, type Scaled, settled, together, withReason } from "./scale/scaled.ts";

/** What ends a way: a normalization (or x / ‖x‖), a residual Add on one side of it, a value that leaves the network. */
export type End =
  | { readonly kind: "normalized"; readonly node: Node; readonly state: Scaled }
  | { readonly kind: "branch" | "skip"; readonly residual: ResidualAdd; readonly state: Scaled }
  | { readonly kind: "output"; readonly value: string; readonly state: Scaled };

export interface Reach {
  readonly ends: readonly End[];
  /** Residual Adds of which both sides are scaled; behind them the way goes on. */
  readonly joins: readonly ResidualAdd[];
}

export interface ReachContext {
  readonly flow: Flow;
  readonly residuals: readonly ResidualAdd[];
  /** Values at which the network ends: its outputs, and the scores before Softmax or Sigmoid. */
  readonly outputs: ReadonlySet<string>;
}

/**
 * Follows a factor on a value to where it ends.
 * @param start output of a normalization, or of a layer scale
 */
export function reachOf({ flow, residuals, outputs }: ReachContext, start: string): Reach {
  const states = new Map<string, Scaled>();
  const ends: End[] = [];
  const joins: ResidualAdd[] = [];
  const roots = new Map(residuals.map((residual) => [residual.node, residual]));
  const inner = new Set(residuals.flatMap(({ nodes }) => nodes));
  const passed = new Set<Normalization>();

  const set = (value: string, state: Scaled): void => {
    if (value === "" || !isFloating(dataTypeOf(flow.shapes, value) ?? "float32")) return;
    states.set(value, state);
    if (outputs.has(value)) ends.push({ kind: "output", value, state: settled(state) });
  };
  const join = (residual: ResidualAdd): void => {
    const arrived = arrivalAt(residual, states);
    if (arrived === undefined) return;
    if (arrived.side !== "both") {
      ends.push({ kind: arrived.side, residual, state: settled(arrived.state) });
      return;
    }
    joins.push(residual);
    set(residual.node.outputs[0] as string, arrived.state);
  };
  const visit = (node: Node): void => {
    const normalization = flow.normalizationOf(node);
    if (normalization !== undefined) {
      const state = states.get(normalization.input);
      if (state === undefined || passed.has(normalization)) return;
      passed.add(normalization);
      ends.push({ kind: "normalized", node: normalization.node, state: normalizedBy(normalization, state) });
      return;
    }
    const residual = roots.get(node);
    if (residual !== undefined) join(residual);
    const captured = valuesReadBy(node).flatMap((name) => states.get(name) ?? []);
    if (residual !== undefined || inner.has(node) || captured.length === 0) return;
    const inputs = node.inputs.map((name) => states.get(name));
    // a control-flow node may read it inside its sub-graphs only
    const result = scaleThrough({
      flow,
      node,
      inputs: inputs.some((s) => s !== undefined) ? inputs : captured,
    });
    if (result === undefined) return;
    if ("cancelled" in result) ends.push({ kind: "normalized", node, state: result.cancelled });
    else for (const output of node.outputs) set(output, result);
  };

  set(start, FULLY);
  const producer = flow.index.producer(start);
  const first = producer === undefined ? 0 : flow.nodes.indexOf(producer) + 1;
  for (const node of flow.nodes.slice(first)) visit(node);
  return { ends, joins };
}

interface Arrival {
  readonly side: "branch" | "skip" | "both";
  readonly state: Scaled;
}

/** On which sides of a residual Add the factor arrives; a bounded value counts only where nothing else arrives. */
function arrivalAt(
  { node, skip, branches }: ResidualAdd,
  states: ReadonlyMap<string, Scaled>,
): Arrival | undefined {
  const onSkip = states.get(skip);
  const onBranches = branches.flatMap((branch) => states.get(branch) ?? []);
  for (const free of [true, false]) {
    const first = (states: readonly (Scaled | undefined)[]): Scaled | undefined =>
      states.find((state) => state !== undefined && isFree(state) === free);
    const [skipped, branch] = [first([onSkip]), first(onBranches)];
    if (skipped !== undefined && branch !== undefined) {
      const sum = together([skipped, ...onBranches], node);
      const isWhole = onBranches.length === branches.length;
      return {
        side: "both",
        state: isWhole ? sum : withReason(settled(sum), "an unscaled branch added in", node),
      };
    }
    if (branch !== undefined) return { side: "branch", state: branch };
    if (skipped !== undefined) return { side: "skip", state: skipped };
  }
  return undefined;
}

/** Reasons why a normalization would not take the scale off whole. */
function normalizedBy({ kind, channelAxis, acrossPositions, node }: Normalization, state: Scaled): Scaled {
  const perChannel = kind === "batch" || kind === "instance";
  const known = state.mixed === "unknown" ? undefined : state.mixed;
  const apart = perChannel
    ? known?.every((axis) => axis === channelAxis)
    : known?.every((axis) => !acrossPositions && axis !== channelAxis);
  // statistics of each channel take off what was added to the channel, those of several do not
  const rest = perChannel ? { ...state, offset: undefined } : settled(state);
  return apart === true ? rest : blended(rest, node);
}
