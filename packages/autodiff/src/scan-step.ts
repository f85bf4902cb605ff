// The vector–Jacobian product of one step of a Scan, as the body of the Scan that runs backwards.
import {
  addPrefix,
  capturedBy,
  createBuilder,
  dataTypeOf,
  type Graph,
  type GraphBuilder,
  isFloating,
  type Model,
  removeDead,
  shapesInside,
  type ValueType,
} from "@snellen/graph";
import { backpropagate } from "./backpropagate.ts";
import { zerosLike } from "./emit.ts";
import { expandOnPath } from "./expand-on-path.ts";
import { findPath } from "./path.ts";
import type { RuleContext } from "./rule.ts";

/** How the steps of a stacked value lie: along which axis, from the front (0) or from the back (1). */
export interface Track {
  readonly axis: number;
  readonly direction: number;
}

/** A Scan taken apart: `states` values are carried, the other inputs and outputs are stacks. */
export interface Loop {
  readonly body: Graph;
  readonly states: number;
  readonly inputs: readonly Track[];
  readonly outputs: readonly Track[];
}

export interface StepGradient {
  /**
   * Inputs: gradients of the carried states and sums for captured values; then, step by step, the states before, the scan inputs
   * and the given output gradients. Outputs: gradients of the carried states, sums, gradients of the scan inputs.
   */
  readonly body: Graph;
  /** States that have a gradient: the floating ones. */
  readonly carried: readonly number[];
  /** Stacked outputs whose gradient is given. */
  readonly given: readonly number[];
  /** Scan inputs whose gradient is wanted. */
  readonly scanned: readonly number[];
}

export function stepGradient(c: RuleContext, loop: Loop): StepGradient {
  const { b, dys } = c;
  const { body, states } = loop;
  const { model, shapes } = openBody(c, loop);
  const inputs = body.inputs.map((v) => v.name);
  const outputs = body.outputs.map((v) => v.name);
  const carried = inputs
    .slice(0, states)
    .flatMap((name, i) => (isFloating(dataTypeOf(shapes, name)) ? [i] : []));
  const given = loop.outputs.flatMap((_, k) => (dys[states + k] === undefined ? [] : [k]));
  const scanned = loop.inputs.flatMap((_, m) => (c.needs(states + m) ? [m] : []));
  const sources = [...carried, ...scanned.map((m) => states + m)].map((i) => inputs[i] as string);
  const of = [...carried, ...given.map((k) => states + k)].map((i) => outputs[i] as string);
  const wrt = [...sources, ...c.captured.needed];

  const opened = expandOnPath(model, shapes, { of, wrt });
  const inner = createBuilder(opened.model, opened.shapes);
  const seeds = new Map<string, string>();
  const seedInputs = of.map((value) => {
    const seed = inner.inputLike(`seed_${value}`, value);
    const known = seeds.get(value);
    seeds.set(value, known === undefined ? seed : inner.op("Add", [known, seed]));
    return seed;
  });
  const sums = c.captured.needed.map((name) => inner.inputLike(`sum_${name}`, name));
  const { values } = findPath(opened.model.graph.nodes, { of, wrt, shapes: opened.shapes });
  const found = backpropagate(
    inner,
    seeds,
    wrt.filter((name) => values.has(name)),
  );
  const gradient = (name: string) => found.get(name) ?? zerosLike(inner, name);
  const results = [
    ...sources.slice(0, carried.length).map(gradient),
    ...c.captured.needed.map((name, j) => inner.op("Add", [sums[j] as string, gradient(name)])),
    ...sources.slice(carried.length).map(gradient),
  ].map((value, i) => inner.output(value, `result_${i}`));

  const { graph } = inner.build();
  const info = new Map([...graph.inputs, ...graph.outputs].map((v) => [v.name, v]));
  const order = [
    ...seedInputs.slice(0, carried.length),
    ...sums,
    ...inputs,
    ...seedInputs.slice(carried.length),
  ];
  const step: Graph = {
    ...graph,
    inputs: order.map((name) => info.get(name) as Graph["inputs"][number]),
    outputs: results.map((name) => info.get(name) as Graph["outputs"][number]),
  };
  return { body: withOwnNames(b, step), carried, given, scanned };
}

/** The body as a model with its values typed; what it captures is an input too, so that no new value takes its name. */
function openBody({ b, x }: RuleContext, { body, states, inputs }: Loop) {
  const outer = [...new Set(capturedBy(body))];
  const captured = outer.map((name) => ({ name, dataType: dataTypeOf(b.shapes, name), dims: undefined }));
  const model: Model = { ...b.build(), graph: { ...body, inputs: [...body.inputs, ...captured] } };
  const typesAt = (probe: ReadonlyMap<string, ValueType>): ValueType[] =>
    x.map((name, i) => {
      const { dataType, dims } = probe.get(name) ?? { dataType: b.dataType(name), dims: [] };
      return { dataType, dims: i < states ? dims : dims.toSpliced(inputs[i - states]?.axis ?? 0, 1) };
    });
  return { model, shapes: shapesInside(b.shapes, body, model.opsets, typesAt) };
}

/** A sub-graph without dead nodes and with names that no other graph has; those that it captures stay. */
export function withOwnNames(b: GraphBuilder, graph: Graph): Graph {
  const prefix = `${b.freshName("step")}/`;
  const pruned = removeDead({ ...b.build(), graph });
  return addPrefix(pruned, prefix, { keep: new Set(capturedBy(pruned.graph)) }).graph;
}
