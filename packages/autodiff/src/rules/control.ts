// Gradient of Scan: a Scan over the same steps in the opposite direction. It carries the gradients of the states; its body
// recomputes one step from the state before it and takes that step's vector–Jacobian product (../scan-step.ts). Derived here.
import { attr, type Graph, type GraphBuilder, makeNode } from "@snellen/graph";
import { zerosLike } from "../emit.ts";
import type { Rule, RuleContext } from "../rule.ts";
import { type Loop, stepGradient, type Track, withOwnNames } from "../scan-step.ts";

export const Scan: Rule = (c) => {
  const { b, x, dys, captured } = c;
  const loop = readLoop(c);
  const { states } = loop;
  const before = statesBefore(c, loop);
  const step = stepGradient(c, loop);
  const scanned: readonly Track[] = [
    ...before,
    ...loop.inputs,
    ...step.given.map((k) => loop.outputs[k] as Track),
  ];
  const taken = step.scanned.map((m) => loop.inputs[m] as Track);
  const inputs = [
    ...step.carried.map((i) => dys[i] ?? zerosLike(b, x[i] as string)),
    ...captured.needed.map((name) => zerosLike(b, name)),
    ...before.map((track) => track.value),
    ...x.slice(states),
    ...step.given.map((k) => dys[states + k] as string),
  ];
  const count = step.carried.length + captured.needed.length + step.scanned.length;
  const results = b.ops("Scan", inputs, count, {
    body: { type: "graph", value: step.body },
    num_scan_inputs: scanned.length,
    ...layout("input", scanned.map(opposite)),
    ...layout("output", taken.map(opposite)),
  });
  const gradients: (string | null)[] = x.map(() => null);
  const next = results.values();
  for (const i of step.carried) gradients[i] = next.next().value ?? null;
  for (const name of captured.needed) captured.add(name, next.next().value as string);
  for (const m of step.scanned) gradients[states + m] = next.next().value ?? null;
  return gradients;
};

const opposite = (track: Track): Track => ({ ...track, direction: 1 - track.direction });

const layout = (side: "input" | "output", tracks: readonly Track[]) =>
  tracks.length === 0
    ? {}
    : {
        [`scan_${side}_axes`]: tracks.map((track) => track.axis),
        [`scan_${side}_directions`]: tracks.map((track) => track.direction),
      };

function readLoop({ b, node, x, y }: RuleContext): Loop {
  const scanned = attr.int(node, "num_scan_inputs");
  const states = x.length - scanned;
  const tracks = (side: "input" | "output", values: readonly string[]) => {
    const axes = attr.ints(node, `scan_${side}_axes`);
    const directions = attr.ints(node, `scan_${side}_directions`);
    return values.map((value, i): Track => {
      const axis = axes?.[i] ?? 0;
      return { axis: axis < 0 ? axis + b.rank(value) : axis, direction: directions?.[i] ?? 0 };
    });
  };
  return {
    body: attr.graph(node, "body"),
    states,
    inputs: tracks("input", x.slice(states)),
    outputs: tracks("output", y.slice(states)),
  };
}

/** Every state as it was before each step, stacked: from the outputs where they hold it, else by scanning once more. */
function statesBefore(c: RuleContext, loop: Loop): (Track & { readonly value: string })[] {
  const { b, x, y } = c;
  const { body, states } = loop;
  const source = (name: string): string => {
    const producer = body.nodes.find((n) => n.outputs.includes(name));
    return producer?.opType === "Identity" ? source(producer.inputs[0] as string) : name;
  };
  const outputs = body.outputs.map((v) => source(v.name));
  const stackOf = (value: string): number =>
    outputs.findIndex((name, k) => k >= states && name === value && (y[k] ?? "") !== "");
  const known = body.inputs.slice(0, states).map(({ name }, i) => ({
    before: stackOf(name),
    after: stackOf(outputs[i] as string),
  }));
  const missing = known.flatMap(({ before, after }, i) => (before < 0 && after < 0 ? [i] : []));
  const again = missing.length === 0 ? [] : scanOnceMore(c, loop, missing);
  return known.map(({ before, after }, i) => {
    const track = (k: number) => loop.outputs[k - states] as Track;
    if (before >= 0) return { ...track(before), value: y[before] as string };
    if (after >= 0) {
      return { ...track(after), value: shifted(b, x[i] as string, y[after] as string, track(after)) };
    }
    return { value: again[missing.indexOf(i)] as string, axis: 0, direction: 0 };
  });
}

/** The same Scan, giving the named states as they are before each step. */
function scanOnceMore({ b, node, x }: RuleContext, loop: Loop, which: readonly number[]): string[] {
  const attributes = {
    ...node.attributes,
    scan_output_axes: undefined,
    scan_output_directions: undefined,
    body: { type: "graph", value: givingStates(b, loop, which) } as const,
  };
  return b.ops("Scan", x, loop.states + which.length, attributes).slice(loop.states);
}

/** What was after each step becomes what was before the next. */
function shifted(b: GraphBuilder, initial: string, after: string, { axis, direction }: Track): string {
  const first = b.op("Unsqueeze", [initial, b.ints([axis])]);
  const cut = (start: number, end: number) =>
    b.op("Slice", [after, b.ints([start]), b.ints([end]), b.ints([axis])]);
  const parts = direction === 0 ? [first, cut(0, -1)] : [cut(1, Number.MAX_SAFE_INTEGER), first];
  return b.op("Concat", parts, { axis });
}

/** The body with these states, as they are before the step, in place of its stacked outputs. */
function givingStates(b: GraphBuilder, { body, states }: Loop, which: readonly number[]): Graph {
  const copies = which.map((i) => {
    const input = body.inputs[i] as Graph["inputs"][number];
    return { node: makeNode("Identity", [input.name], [b.freshName("before")]), dataType: input.dataType };
  });
  const graph: Graph = {
    ...body,
    nodes: [...body.nodes, ...copies.map((copy) => copy.node)],
    outputs: [
      ...body.outputs.slice(0, states),
      ...copies.map(({ node, dataType }) => ({ name: node.outputs[0] as string, dataType, dims: undefined })),
    ],
  };
  return withOwnNames(b, graph);
}
