// RNN, GRU and LSTM as a Scan whose body is one step: a product and a few activations. Unrolled, a long sequence would be tens of
// thousands of nodes with its gradient, and ONNX Runtime's planning takes minutes for those.
// Source: the ONNX operators' equations; Hochreiter & Schmidhuber 1997; Cho et al. 2014.
import { attr, type Node } from "../../model.ts";
import type { ExpandContext, Expansion, ExpansionTable } from "../expand-operators.ts";
import { input, transpose } from "./support.ts";

/** Weights of one direction, ready for products from the right. */
interface Cell {
  /** Wᵀ x of every step, bias of the input side included: [S, B, gates·H]. */
  readonly projected: string;
  /** Rᵀ [H, gates·H], or one [H, H] a gate. */
  readonly recurrent: readonly string[];
  /** Bias of the recurrent side, split like the weights; "" for none. */
  readonly bias: readonly string[];
  /** Peephole weights, one vector a gate (LSTM). */
  readonly peepholes: readonly string[];
  readonly hidden: number;
  readonly activations: readonly string[];
}

/** State before a step → state after; entry 0 is the hidden state, entry 1 an LSTM's cell state. */
type Step = (
  cell: Cell,
  projected: string,
  state: readonly string[],
  node: Node,
  context: ExpandContext,
) => string[];

interface Kind {
  readonly gates: number;
  /** Whether the recurrent weights are needed gate by gate. */
  readonly split: boolean;
  readonly activations: readonly string[];
  readonly step: Step;
}

const activate = ({ emit }: ExpandContext, cell: Cell, i: number, x: string): string =>
  emit.op(cell.activations[i] as string, [x]);

const plus = ({ emit }: ExpandContext, a: string, b: string): string =>
  b === "" ? a : emit.op("Add", [a, b]);

const gateParts = ({ emit }: ExpandContext, x: string, gates: number, hidden: number, axis = -1): string[] =>
  emit.ops("Split", [x, emit.ints(new Array<number>(gates).fill(hidden))], gates, { axis });

/** R H + b, of all gates or of gate `k`. */
const recur = (context: ExpandContext, cell: Cell, k: number, state: string): string =>
  plus(context, context.emit.op("MatMul", [state, cell.recurrent[k] as string]), cell.bias[k] ?? "");

/** H' = f(W x + R H + b). */
const rnnStep: Step = (cell, projected, [h = ""], _, context) => {
  return [activate(context, cell, 0, context.emit.op("Add", [projected, recur(context, cell, 0, h)]))];
};

/** i, o, f, c = gates; C' = f C + i g(c); H' = o h(C'); peepholes add p ⊙ C to i and f, p ⊙ C' to o. */
const lstmStep: Step = (cell, projected, [h = "", c = ""], node, context) => {
  const { emit, scalar } = context;
  const sum = emit.op("Add", [projected, recur(context, cell, 0, h)]);
  const [i, o, f, g] = gateParts(context, sum, 4, cell.hidden) as [string, string, string, string];
  const peep = (gate: string, k: number, state: string): string =>
    cell.peepholes.length === 0
      ? gate
      : emit.op("Add", [gate, emit.op("Mul", [cell.peepholes[k] as string, state])]);
  const enter = activate(context, cell, 0, peep(i, 0, c));
  const coupled = attr.int(node, "input_forget", 0) === 1;
  const keep = coupled
    ? emit.op("Sub", [scalar(1, enter), enter])
    : activate(context, cell, 0, peep(f, 2, c));
  const candidate = activate(context, cell, 1, g);
  const next = emit.op("Add", [emit.op("Mul", [keep, c]), emit.op("Mul", [enter, candidate])]);
  const leave = activate(context, cell, 0, peep(o, 1, next));
  return [emit.op("Mul", [leave, activate(context, cell, 2, next)]), next];
};

/** z, r = gates; n = g(W x + r ⊙ (R H)) or g(W x + R (r ⊙ H)); H' = (1 - z) n + z H. */
const gruStep: Step = (cell, projected, [h = ""], node, context) => {
  const { emit, scalar } = context;
  const [xz, xr, xn] = gateParts(context, projected, 3, cell.hidden) as [string, string, string];
  const z = activate(context, cell, 0, emit.op("Add", [xz, recur(context, cell, 0, h)]));
  const r = activate(context, cell, 0, emit.op("Add", [xr, recur(context, cell, 1, h)]));
  const after = attr.int(node, "linear_before_reset", 0) === 1;
  const memory = after
    ? emit.op("Mul", [r, recur(context, cell, 2, h)])
    : recur(context, cell, 2, emit.op("Mul", [r, h]));
  const n = activate(context, cell, 1, emit.op("Add", [xn, memory]));
  const fresh = emit.op("Mul", [emit.op("Sub", [scalar(1, z), z]), n]);
  return [emit.op("Add", [fresh, emit.op("Mul", [z, h])])];
};

const KINDS = {
  RNN: { gates: 1, split: false, activations: ["Tanh"], step: rnnStep },
  GRU: { gates: 3, split: true, activations: ["Sigmoid", "Tanh"], step: gruStep },
  LSTM: { gates: 4, split: false, activations: ["Sigmoid", "Tanh", "Tanh"], step: lstmStep },
} as const satisfies Readonly<Record<string, Kind>>;

const PLAIN_ACTIVATIONS = new Set(["Sigmoid", "Tanh", "Relu"]);

/** Names of the activations of each direction. */
function activationsOf(node: Node, kind: Kind, directions: number, { fail }: ExpandContext): string[][] {
  const given = node.attributes.activations;
  const names = given?.type === "strings" ? given.value : [];
  const each = kind.activations.length;
  return Array.from({ length: directions }, (_, d) => {
    const own = names.length === 0 ? [...kind.activations] : names.slice(d * each, (d + 1) * each);
    const odd = own.find((name) => !PLAIN_ACTIVATIONS.has(name));
    return odd === undefined && own.length === each ? own : fail(`the activation ${odd ?? "list"}`);
  });
}

const scan =
  (kind: Kind): Expansion =>
  (node, context) => {
    const { emit, dims, constant, fail } = context;
    if (attr.has(node, "clip")) return fail("clipped gates");
    const batchFirst = attr.int(node, "layout", 0) === 1;
    const sequence = batchFirst
      ? emit.op("Transpose", [input(node, 0)], { perm: [1, 0, 2] })
      : input(node, 0);
    const [length, batch] = dims(sequence) as [number, number];
    const lengths = input(node, 4);
    if (lengths !== "" && !constant(lengths)?.every((n) => n === length))
      return fail("sequences of different lengths");
    const hidden = dims(input(node, 2))[2] as number;
    const directions = dims(input(node, 1))[0] as number;
    const activations = activationsOf(node, kind, directions, context);
    const states = initialStates(node, context, { kind, directions, batch, hidden, batchFirst, sequence });
    const runs = Array.from({ length: directions }, (_, d) => {
      const cell = cellOf(node, context, {
        kind,
        d,
        directions,
        hidden,
        sequence,
        activations: activations[d] ?? [],
      });
      const backward = attr.string(node, "direction", "forward") === "reverse" || d === 1;
      return runCell(node, context, kind, cell, states[d] ?? [], backward);
    });
    return results(context, runs, batchFirst);
  };

interface Layout {
  readonly kind: Kind;
  readonly directions: number;
  readonly batch: number;
  readonly hidden: number;
  readonly batchFirst: boolean;
  readonly sequence: string;
}

/** States before the first step, by direction: [B, H] each. */
function initialStates(node: Node, context: ExpandContext, layout: Layout): string[][] {
  const { emit } = context;
  const count = layout.kind.gates === 4 ? 2 : 1;
  const states = Array.from({ length: count }, (_, i) => {
    const given = input(node, 5 + i);
    if (given === "") return new Array<string>(layout.directions).fill(zeroState(context, layout));
    const first = layout.batchFirst ? emit.op("Transpose", [given], { perm: [1, 0, 2] }) : given;
    return perDirection(context, first, layout.directions);
  });
  return Array.from({ length: layout.directions }, (_, d) => states.map((s) => s[d] as string));
}

/** Zeros [B, H] whatever the batch is. */
function zeroState({ emit, scalar }: ExpandContext, { sequence, hidden }: Layout): string {
  const batch = emit.op("Shape", [sequence], { start: 1, end: 2 });
  return emit.op("Expand", [
    scalar(0, sequence),
    emit.op("Concat", [batch, emit.ints([hidden])], { axis: 0 }),
  ]);
}

/** [D, …] → one value a direction, without the axis. */
function perDirection({ emit }: ExpandContext, value: string, directions: number): string[] {
  const parts =
    directions === 1 ? [value] : emit.ops("Split", [value, emit.ints([1, 1])], directions, { axis: 0 });
  return parts.map((part) => emit.op("Squeeze", [part, emit.ints([0])]));
}

function cellOf(
  node: Node,
  context: ExpandContext,
  at: {
    kind: Kind;
    d: number;
    directions: number;
    hidden: number;
    sequence: string;
    activations: readonly string[];
  },
): Cell {
  const { emit } = context;
  const { gates, split } = at.kind;
  const weight = (i: number): string => perDirection(context, input(node, i), at.directions)[at.d] as string;
  const transposed = (i: number): string => emit.op("Transpose", [weight(i)], { perm: [1, 0] });
  const [inputBias = "", bias] =
    input(node, 3) === "" ? [] : gateParts(context, weight(3), 2, gates * at.hidden);
  const parts = (value: string) => (split ? gateParts(context, value, gates, at.hidden) : [value]);
  return {
    projected: plus(context, emit.op("MatMul", [at.sequence, transposed(1)]), inputBias),
    recurrent: parts(transposed(2)),
    bias: bias === undefined ? [] : parts(bias),
    peepholes: gates === 4 && input(node, 7) !== "" ? gateParts(context, weight(7), 3, at.hidden) : [],
    hidden: at.hidden,
    activations: at.activations,
  };
}

interface Run {
  /** Hidden state after each step, in the sequence's own order: [S, B, H]. */
  readonly hidden: string;
  readonly last: readonly string[];
}

function runCell(
  node: Node,
  context: ExpandContext,
  kind: Kind,
  cell: Cell,
  start: readonly string[],
  backward: boolean,
): Run {
  const { emit } = context;
  const states = start.map((like) => ({ like }));
  // Every state is also given step by step: the gradient needs them.
  const body = emit.subgraph("step", [...states, { like: cell.projected, each: true }], (inputs) => {
    const after = kind.step(cell, inputs.at(-1) as string, inputs.slice(0, -1), node, context);
    return [...after, ...after.map((state) => emit.op("Identity", [state]))];
  });
  const direction = backward ? 1 : 0;
  const outputs = emit.ops("Scan", [...start, cell.projected], 2 * start.length, {
    body: { type: "graph", value: body },
    num_scan_inputs: 1,
    scan_input_directions: [direction],
    scan_output_directions: start.map(() => direction),
  });
  return { hidden: outputs[start.length] as string, last: outputs.slice(0, start.length) };
}

/** Y [S, D, B, H] (or [B, S, D, H]), then the last states [D, B, H] (or [B, D, H]). */
function results(context: ExpandContext, runs: readonly Run[], batchFirst: boolean): string[] {
  const { emit } = context;
  const stack = (values: readonly string[], axis: number): string => {
    const parts = values.map((value) => emit.op("Unsqueeze", [value, emit.ints([axis])]));
    return parts.length === 1 ? (parts[0] as string) : emit.op("Concat", parts, { axis });
  };
  const hidden = runs.map((run) => (batchFirst ? transpose(context, run.hidden, [1, 0, 2]) : run.hidden));
  const states = (runs[0]?.last ?? []).map((_, i) =>
    stack(
      runs.map((run) => run.last[i] as string),
      batchFirst ? 1 : 0,
    ),
  );
  return [stack(hidden, batchFirst ? 2 : 1), ...states];
}

export const recurrent: ExpansionTable = {
  RNN: scan(KINDS.RNN),
  GRU: scan(KINDS.GRU),
  LSTM: scan(KINDS.LSTM),
};
