// Finds small patterns in a graph and says why one does not fit: a refusal has the node and the reason, never just "no".
// A pattern is data: operators with patterns as inputs, constants with conditions, and names for values that must agree.
import { attr, describeNode, type Graph, type Model, type Node, valuesReadBy } from "./model.ts";
import { type Tensor, tensorNumbers } from "./tensor.ts";

/** Who makes and who reads each value. */
export interface GraphIndex {
  readonly graph: Graph;
  producer(value: string): Node | undefined;
  /** Nodes that read a value, those whose sub-graphs capture it included. */
  readers(value: string): readonly Node[];
  /** The initializer of this name. */
  initializer(value: string): Tensor | undefined;
  isOutput(value: string): boolean;
}

/**
 * Indexes the main graph of a model by the values that its nodes compute and read. A changed model needs an index of its
 * own.
 */
export function indexGraph(model: Model): GraphIndex {
  const producers = new Map<string, Node>();
  const readers = new Map<string, Node[]>();
  for (const node of model.graph.nodes) {
    for (const name of node.outputs) if (name !== "") producers.set(name, node);
    for (const name of new Set(valuesReadBy(node))) {
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [node]);
      else list.push(node);
    }
  }
  const outputs = new Set(model.graph.outputs.map((v) => v.name));
  return {
    graph: model.graph,
    producer: (value) => producers.get(value),
    readers: (value) => readers.get(value) ?? [],
    initializer: (value) => model.graph.initializers.get(value),
    isOutput: (value) => outputs.has(value),
  };
}

/** What matched: values and nodes by the names that the pattern gave them. */
export interface Captures {
  readonly values: Readonly<Record<string, string>>;
  readonly nodes: Readonly<Record<string, Node>>;
  /** Every node of the match, root first. */
  readonly matched: readonly Node[];
}

/** What `match` gives: the captures of a match, or where and why there is none. */
export type Match =
  | ({ readonly ok: true } & Captures)
  | {
      readonly ok: false;
      readonly reason: string;
      /** The node at which it failed; undefined at a graph input or a constant. */
      readonly node: Node | undefined;
      /** How many nodes had matched by then: the larger, the nearer the miss. */
      readonly progress: number;
    };

/** A condition on a node or a constant: undefined when it holds, else why not. */
export type Condition<T> = (subject: T) => string | undefined;

/** What nodes and values must look like; made by `op`, `value`, `constant`, `scalar` and `either` of `patterns`. */
export type Pattern = OpPattern | ValuePattern | ConstantPattern | EitherPattern;

interface OpPattern {
  readonly kind: "op";
  readonly opTypes: readonly string[];
  readonly inputs: readonly Pattern[];
  readonly options: OpOptions;
}

/** What a pattern asks of a node beside operator and inputs. */
export interface OpOptions {
  /** Name under which the node is captured; its first output is captured as a value of the same name. */
  readonly as?: string;
  /** Inputs may stand in either order; default for Add, Mul, Max, Min, Sum, And, Or, Xor, Equal. */
  readonly commutative?: boolean;
  /** What must hold of the node besides. */
  readonly where?: Condition<Node>;
  /** Refuses the match when anything outside it reads this node's outputs; the node needs a name by `as`. */
  readonly exclusive?: boolean;
}

interface ValuePattern {
  readonly kind: "value";
  readonly name: string | undefined;
}

interface ConstantPattern {
  readonly kind: "constant";
  readonly name: string | undefined;
  readonly where: Condition<Tensor> | undefined;
}

interface EitherPattern {
  readonly kind: "either";
  readonly alternatives: readonly Pattern[];
}

const COMMUTATIVE = new Set(["Add", "Mul", "Max", "Min", "Sum", "And", "Or", "Xor", "Equal"]);

/**
 * A node of one of these operators ("Op" or "domain::Op"). Inputs that the pattern does not list are not looked at;
 * listed ones must be there.
 */
export const op = (
  opType: string | readonly string[],
  inputs: readonly Pattern[] = [],
  options: OpOptions = {},
): Pattern => ({ kind: "op", opTypes: typeof opType === "string" ? [opType] : opType, inputs, options });

/** Any value; values of one name must be the same. */
export const value = (name?: string): Pattern => ({ kind: "value", name });

/** An initializer. */
export const constant = (name?: string, where?: Condition<Tensor>): Pattern => ({
  kind: "constant",
  name,
  where,
});

/** A constant with one element, equal to `wanted` up to a relative difference. */
export const scalar = (wanted: number, tolerance = 1e-4): Pattern =>
  constant(undefined, (tensor) => {
    const [found, more] = smallValues(tensor);
    const near =
      more === undefined &&
      found !== undefined &&
      Math.abs(found - wanted) <= tolerance * Math.abs(wanted || 1);
    return near
      ? undefined
      : `expected the constant ${wanted}, found ${more === undefined ? found : `[${tensor.dims}]`}`;
  });

/** The first alternative that lets the rest of the pattern match. */
export const either = (...alternatives: readonly Pattern[]): Pattern => ({ kind: "either", alternatives });

/** Condition: an attribute has this value (or its default is meant). */
export const hasInt =
  (name: string, wanted: number, orElse = 0): Condition<Node> =>
  (node) => {
    const found = attr.int(node, name, orElse);
    return found === wanted ? undefined : `expected ${name} = ${wanted}, found ${found}`;
  };

function smallValues(tensor: Tensor): number[] {
  const small = tensor.data instanceof Uint8Array && tensor.dims.reduce((n, d) => n * d, 1) <= 16;
  return small ? tensorNumbers(tensor) : [Number.NaN, Number.NaN];
}

/** Everything found so far on one way through the pattern. */
type State = Captures;

/** The failure that came furthest. */
interface Miss {
  reason: string;
  node: Node | undefined;
  progress: number;
}

/** Matches a pattern whose root is an operator against one node. */
export function match(pattern: Pattern, index: GraphIndex, node: Node): Match {
  const miss: Miss = { reason: "the pattern has no alternatives", node, progress: -1 };
  const search: Search = { index, miss };
  const start: State = { values: {}, nodes: {}, matched: [] };
  for (const state of matchNode(pattern, node, node.outputs[0] ?? "", start, search)) {
    const leak = leakOf(pattern, state, index);
    if (leak === undefined) return { ok: true, ...state };
    note(search, state, leak.reason, leak.node);
  }
  return { ok: false, ...miss };
}

/** All matches in the order of their root nodes; they may overlap. */
export function findMatches(pattern: Pattern, index: GraphIndex): (Captures & { readonly root: Node })[] {
  return index.graph.nodes.flatMap((root) => {
    const found = match(pattern, index, root);
    return found.ok ? [{ values: found.values, nodes: found.nodes, matched: found.matched, root }] : [];
  });
}

/** The failed match that came furthest, for explanations; undefined when every root matches or there is none. */
export function nearestMiss(pattern: Pattern, index: GraphIndex): Extract<Match, { ok: false }> | undefined {
  let nearest: Extract<Match, { ok: false }> | undefined;
  for (const node of index.graph.nodes) {
    const found = match(pattern, index, node);
    if (!found.ok && found.progress > (nearest?.progress ?? 0)) nearest = found;
  }
  return nearest;
}

/** One sentence for people: where a pattern failed, and why. */
export const explainMiss = (miss: Extract<Match, { ok: false }>): string =>
  miss.node === undefined ? miss.reason : `${describeNode(miss.node)}: ${miss.reason}`;

interface Search {
  readonly index: GraphIndex;
  readonly miss: Miss;
}

function note({ miss }: Search, state: State, reason: string, node: Node | undefined): void {
  if (state.matched.length <= miss.progress) return;
  miss.reason = reason;
  miss.node = node;
  miss.progress = state.matched.length;
}

/** Every way in which a value fits a pattern. */
function* matchValue(pattern: Pattern, name: string, state: State, search: Search): Generator<State> {
  switch (pattern.kind) {
    case "either":
      for (const alternative of pattern.alternatives) yield* matchValue(alternative, name, state, search);
      return;
    case "value":
      yield* bind(pattern.name, name, state, search);
      return;
    case "constant":
      yield* matchConstant(pattern, name, state, search);
      return;
    case "op": {
      const node = search.index.producer(name);
      if (node !== undefined) yield* matchNode(pattern, node, name, state, search);
      else
        note(
          search,
          state,
          `expected ${pattern.opTypes.join(" or ")}, found the input or constant "${name}"`,
          node,
        );
    }
  }
}

function* bind(label: string | undefined, name: string, state: State, search: Search): Generator<State> {
  const known = label === undefined ? undefined : state.values[label];
  if (label === undefined || known === name) yield state;
  else if (known === undefined) yield { ...state, values: { ...state.values, [label]: name } };
  else note(search, state, `expected "${known}" again as ${label}, found "${name}"`, state.matched.at(-1));
}

function* matchConstant(
  pattern: ConstantPattern,
  name: string,
  state: State,
  search: Search,
): Generator<State> {
  const tensor = search.index.initializer(name);
  const problem = tensor === undefined ? `expected a constant, found "${name}"` : pattern.where?.(tensor);
  if (problem === undefined) yield* bind(pattern.name, name, state, search);
  else note(search, state, problem, state.matched.at(-1));
}

function* matchNode(
  pattern: Pattern,
  node: Node,
  output: string,
  state: State,
  search: Search,
): Generator<State> {
  if (pattern.kind === "either") {
    for (const alternative of pattern.alternatives)
      yield* matchNode(alternative, node, output, state, search);
    return;
  }
  if (pattern.kind !== "op") {
    yield* matchValue(pattern, output, state, search);
    return;
  }
  const { opTypes, inputs, options } = pattern;
  const found = node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
  if (!opTypes.includes(found)) {
    note(search, state, `expected ${opTypes.join(" or ")}, found ${found}`, node);
    return;
  }
  const problem = options.where?.(node);
  if (problem !== undefined) {
    note(search, state, problem, node);
    return;
  }
  const label = options.as;
  const own: State = {
    values: state.values,
    nodes: label === undefined ? state.nodes : { ...state.nodes, [label]: node },
    matched: state.matched.includes(node) ? state.matched : [...state.matched, node],
  };
  for (const named of label === undefined ? [own] : bind(label, output, own, search)) {
    const swap = inputs.length === 2 && (options.commutative ?? COMMUTATIVE.has(node.opType));
    for (const order of swap ? [inputs, inputs.toReversed()] : [inputs])
      yield* matchInputs(order, 0, node, named, search);
  }
}

function* matchInputs(
  patterns: readonly Pattern[],
  i: number,
  node: Node,
  state: State,
  search: Search,
): Generator<State> {
  const pattern = patterns[i];
  if (pattern === undefined) {
    yield state;
    return;
  }
  const name = node.inputs[i] ?? "";
  if (name === "") {
    note(search, state, `expected an input ${i}`, node);
    return;
  }
  for (const next of matchValue(pattern, name, state, search))
    yield* matchInputs(patterns, i + 1, node, next, search);
}

/** A value inside the match that something outside reads, where the pattern forbids it. */
function leakOf(
  pattern: Pattern,
  state: State,
  index: GraphIndex,
): { reason: string; node: Node } | undefined {
  const inside = new Set(state.matched);
  for (const label of exclusiveLabels(pattern)) {
    const node = state.nodes[label];
    for (const name of node?.outputs ?? []) {
      const reader = index.readers(name).find((n) => !inside.has(n));
      if (node !== undefined && (reader !== undefined || index.isOutput(name))) {
        const who = reader === undefined ? "is a graph output" : `is also read by ${describeNode(reader)}`;
        return { reason: `"${name}" ${who}`, node };
      }
    }
  }
  return undefined;
}

function exclusiveLabels(pattern: Pattern): string[] {
  if (pattern.kind === "either") return pattern.alternatives.flatMap(exclusiveLabels);
  if (pattern.kind !== "op") return [];
  const own = pattern.options.exclusive && pattern.options.as !== undefined ? [pattern.options.as] : [];
  return [...own, ...pattern.inputs.flatMap(exclusiveLabels)];
}
