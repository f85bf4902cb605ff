// Raises the standard operator set, so that rules, patterns and shape functions see one dialect.
// Source: the ONNX operator changelog; what each step changes is in `upgrade-converters.ts`.
import { UnsupportedError } from "../errors.ts";
import {
  describeNode,
  type Graph,
  type Model,
  type Node,
  opsetOf,
  type ValueInfo,
  valuesReadBy,
} from "../model.ts";
import { inferNode, typeOfTensor } from "../shapes/infer.ts";
import { inferShapes, type ShapeOptions } from "../shapes/shapes.ts";
import type { ValueType } from "../shapes/value-type.ts";
import type { Tensor } from "../tensor.ts";
import { createEmitter, type Emitter, withEmitted } from "./emitter.ts";
import { mapSubgraphs } from "./rename.ts";
import { CONVERTERS, KNOWN_OPERATORS, type UpgradeContext } from "./upgrade-converters.ts";

/** Everything behind canonicalization is written for this version or a newer one. */
export const MINIMAL_OPSET = 18;

/** File format version that each operator set needs at least. Source: ONNX's table of versions. */
const IR_OF_OPSET: readonly (readonly [opset: number, ir: number])[] = [
  [18, 8],
  [19, 9],
  [21, 10],
  [23, 11],
  [24, 12],
  [25, 13],
];

/**
 * Case 1: the model is at `target` or newer → the same object.
 * Case 2: nodes whose operator changed meaning or signature since → converted, step by step.
 * Case 3: nodes whose operator only took further types → as they are.
 * Sub-graphs are converted too; `ir_version` follows. Local functions keep their own version; inlining converts them.
 *
 * @param options sizes of symbolic input dimensions: some old forms can be converted only when ranks are known
 * @throws UnsupportedError `opset-conversion` with operator, node and opset
 */
export function upgradeOpset(model: Model, options: ShapeOptions & { readonly target?: number } = {}): Model {
  const target = options.target ?? MINIMAL_OPSET;
  const from = opsetOf(model);
  if (from >= target) return model;
  const emitter = createEmitter(model);
  const types = needsTypes(model.graph, from) ? inputTypes(model, options) : undefined;
  const graph = upgradeGraph(model.graph, {
    from,
    target,
    emitter,
    types,
    constants: model.graph.initializers,
  });
  const opsets = new Map(model.opsets).set("", target);
  const irVersion = Math.max(
    model.irVersion,
    ...IR_OF_OPSET.filter(([v]) => v <= target).map(([, ir]) => ir),
  );
  return {
    ...model,
    irVersion,
    opsets,
    graph: { ...graph, initializers: withEmitted({ ...model, graph }, emitter) },
  };
}

/** Converts nodes that stand outside a graph, such as the body of a local function. */
export function upgradeNodes(nodes: readonly Node[], from: number, target: number, emitter: Emitter): Node[] {
  if (from >= target) return [...nodes];
  const walk: Walk = { from, target, emitter, types: undefined, constants: new Map() };
  return upgradeAll(nodes, walk, readsOf(nodes));
}

interface Walk {
  readonly from: number;
  readonly target: number;
  readonly emitter: Emitter;
  /** Types of the values met so far, where some converter needs them. */
  readonly types: Map<string, ValueType> | undefined;
  readonly constants: ReadonlyMap<string, Tensor>;
}

function upgradeGraph(graph: Graph, walk: Walk): Graph {
  return { ...graph, nodes: upgradeAll(graph.nodes, walk, readsOf(graph.nodes, graph.outputs)) };
}

function upgradeAll(nodes: readonly Node[], walk: Walk, isRead: (name: string) => boolean): Node[] {
  const upgraded: Node[] = [];
  for (const node of nodes) {
    const start = upgraded.length;
    const attributes = mapSubgraphs(node.attributes, (graph) => upgradeGraph(graph, innerWalk(graph, walk)));
    const whole = attributes === node.attributes ? node : { ...node, attributes };
    const converted = isCurrent(whole, walk) ? whole : convert(whole, walk, isRead);
    if (converted !== whole) upgraded.push(...walk.emitter.drain());
    upgraded.push(converted);
    if (walk.types !== undefined) for (const n of upgraded.slice(start)) record(n, walk, walk.types);
  }
  return upgraded;
}

/** Whether a node means the same in the target's operator set. */
function isCurrent(node: Node, { from, target }: Walk): boolean {
  if (node.domain !== "") return true;
  if (!KNOWN_OPERATORS.has(node.opType) || node.attributes.consumed_inputs !== undefined) return false;
  return !CONVERTERS[node.opType]?.some((s) => s.since > from && s.since <= target);
}

/** A sub-graph sees the outer values and its own constants. */
function innerWalk(graph: Graph, walk: Walk): Walk {
  if (graph.initializers.size === 0) return walk;
  const constants = new Map([...walk.constants, ...graph.initializers]);
  const own = [...graph.initializers].map(([name, t]): [string, ValueType] => [name, typeOfTensor(t)]);
  return { ...walk, constants, types: walk.types && new Map([...walk.types, ...own]) };
}

function convert(node: Node, walk: Walk, isRead: (name: string) => boolean): Node {
  const fail = (reason: string): never => {
    throw new UnsupportedError(
      "opset-conversion",
      `${node.opType} of opset ${walk.from} cannot be converted to opset ${walk.target}: ${reason}.`,
      { where: describeNode(node), hint: `Export the model at opset ${MINIMAL_OPSET} or newer.` },
    );
  };
  const context: UpgradeContext = {
    emitter: walk.emitter,
    target: walk.target,
    type: (name) => walk.types?.get(name),
    inputType: ({ inputs }) => walk.types?.get(inputs[0] ?? "")?.dataType ?? "float32",
    constant: (name) => walk.constants.get(name),
    isRead: (name) => name !== undefined && name !== "" && isRead(name),
    fail,
  };
  if (!KNOWN_OPERATORS.has(node.opType)) return fail("this operator is not known");
  let current = withoutConsumedInputs(node);
  // A converter may change the operator (Upsample → Resize); steps of the new one apply from that version on.
  for (let at = walk.from; at < walk.target; ) {
    const step = CONVERTERS[current.opType]?.find((s) => s.since > at && s.since <= walk.target);
    if (step === undefined) break;
    walk.emitter.at(node.name || node.outputs[0] || node.opType);
    current = step.convert(current, context);
    at = step.since;
  }
  return current;
}

/** Opset 1 let nodes overwrite their inputs; the attribute that said so went with opset 6. */
function withoutConsumedInputs(node: Node): Node {
  if (node.attributes.consumed_inputs === undefined) return node;
  const { consumed_inputs: _, ...attributes } = node.attributes;
  return { ...node, attributes };
}

const needsTypes = (graph: Graph, from: number): boolean =>
  graph.nodes.some(
    (node) =>
      CONVERTERS[node.opType]?.some((s) => s.since > from && s.typed) ||
      Object.values(node.attributes).some((a) => a.type === "graph" && needsTypes(a.value, from)),
  );

/** Types of inputs and constants at one batch size. */
function inputTypes(model: Model, options: ShapeOptions): Map<string, ValueType> {
  const bare = { ...model, graph: { ...model.graph, nodes: [] } };
  return new Map(inferShapes(bare, options).probes[0]);
}

function record(node: Node, walk: Walk, types: Map<string, ValueType>): void {
  for (const name of node.inputs) {
    const emitted = walk.emitter.initializers.get(name);
    if (emitted !== undefined && !types.has(name)) types.set(name, typeOfTensor(emitted));
  }
  const known = inferNode(
    node,
    node.inputs.map((name) => types.get(name)),
    walk.target,
  );
  node.outputs.forEach((name, i) => {
    const type = known[i];
    if (name !== "" && type !== undefined) types.set(name, type);
  });
}

/** Whether some node or the graph's user reads a value; looked up only when a converter asks. */
function readsOf(nodes: readonly Node[], outputs: readonly ValueInfo[] = []): (name: string) => boolean {
  let names: Set<string> | undefined;
  return (name) => {
    names ??= new Set([...nodes.flatMap(valuesReadBy), ...outputs.map((v) => v.name)]);
    return names.has(name);
  };
}
