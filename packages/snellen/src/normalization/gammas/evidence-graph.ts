// The network with a factor on each γ as an input, and its scores as output: what the evidence runs. Derived here.
import {
  createBuilder,
  dataTypeOf,
  type Model,
  makeNode,
  makeTensor,
  type Node,
  removeDead,
  type Shapes,
  type Tensor,
  takeTail,
  valuesReadBy,
  withGraph,
} from "@snellen/graph";
import { classScores, positionCount, positionScores } from "../../vision-model/class-scores.ts";
import type { LogitsInfo } from "../../vision-model/logits.ts";
import { readsShapeOnly } from "../../vision-model/shape-only.ts";
import { withBatchStatistics } from "../batch-statistics.ts";
import { valuesFrom } from "../flow.ts";

/** Names of what the evidence's graphs take and give. */
export const EVIDENCE = { factors: "gamma_factors", scores: "gamma_scores" } as const;

export interface EvidenceGraph {
  /** From the picture and the factors [values] to scores [N, classes, positions]. */
  readonly whole: Model;
  /** Values through which all that follows them must go, each with how many of the factors lie before it. */
  readonly cuts: readonly Cut[];
  /** The graph from a cut on; undefined where the picture itself, or something else of it, is read behind it. */
  readonly after: (cut: Cut) => Model | undefined;
  /** The whole graph with cuts as further outputs. */
  readonly withCuts: (cuts: readonly Cut[]) => Model;
}

export interface Cut {
  readonly value: string;
  readonly before: number;
}

/** What is multiplied: a value wherever it is read, or where these nodes alone read it. */
export interface Factor {
  readonly value: string;
  readonly readers?: readonly Node[];
}

/** Up to so many scores a picture are compared one by one; of denser outputs each class's highest. */
const MOST_SCORES = 1 << 18;

/**
 * Multiplies each factor's value by its own entry of the input `factors`. What γ and β make of a normalized value is multiplied by
 * multiplying γ and β, where these are a node's inputs. BatchNormalization works on the statistics of the batch.
 * @param factors in graph order (`inOrder`)
 */
export function evidenceGraph(
  { model, shapes }: { readonly model: Model; readonly shapes: Shapes },
  logits: LogitsInfo,
  image: string,
  factors: readonly Factor[],
): EvidenceGraph {
  const scaled = withBatchStatistics(withFactors(model, shapes, factors), shapes);
  const b = createBuilder(withGraph(scaled, { outputs: [] }), shapes);
  const isDense = positionCount(logits) * logits.classes > MOST_SCORES;
  const scores = b.output(isDense ? classScores(b, logits) : positionScores(b, logits), EVIDENCE.scores);
  const built = b.build();
  const whole = removeDead(built);
  return {
    whole,
    cuts: findCuts(whole, image, factors),
    after: ({ value }) => {
      const tail = takeTail(whole, b.shapes, [value], [scores]);
      const inputs = tail.graph.inputs.map(({ name }) => name);
      return inputs.every((name) => name === value || name === EVIDENCE.factors) ? tail : undefined;
    },
    withCuts: (cuts) => {
      const outputs = createBuilder(whole, b.shapes);
      for (const { value } of cuts) outputs.output(value, cutName(value));
      return outputs.build();
    },
  };
}

/** Output name of a cut; its own is a value inside. */
export const cutName = (value: string): string => `${value}/cut`;

/** The order in which the factors come to bear. */
export function inOrder(model: Model, factors: readonly Factor[]): Factor[] {
  const made = new Map(model.graph.nodes.flatMap(({ outputs }, i) => outputs.map((name) => [name, i])));
  const place = new Map(model.graph.nodes.map((node, i) => [node, i]));
  const at = ({ value, readers }: Factor): number =>
    readers === undefined
      ? (made.get(value) ?? -1)
      : Math.min(...readers.map((node) => place.get(node) ?? 0)) - 0.5;
  return [...factors].sort((a, b) => at(a) - at(b));
}

function withFactors(model: Model, shapes: Shapes, factors: readonly Factor[]): Model {
  const made = new Map<string, Tensor>();
  const emit: Emit = { made, shapes };
  const everywhere = new Map(
    factors.flatMap((f, i) => (f.readers === undefined ? [[f.value, i] as const] : [])),
  );
  const edges = factors.flatMap((f, i) => (f.readers === undefined ? [] : [{ ...f, readers: f.readers, i }]));
  const begun = new Set<number>();
  const nodes = model.graph.nodes.flatMap((node) => {
    const before: Node[] = [];
    let inputs = node.inputs;
    for (const { value, readers, i } of edges) {
      if (!readers.includes(node) || !inputs.includes(value)) continue;
      if (!begun.has(i)) before.push(...timesFactor(value, edgeName(value, i), value, i, emit));
      begun.add(i);
      inputs = inputs.map((name) => (name === value ? edgeName(value, i) : name));
    }
    const value = node.outputs.find((name) => everywhere.has(name));
    const own = inputs === node.inputs ? node : { ...node, inputs };
    return [
      ...before,
      ...(value === undefined ? [own] : multiplied(own, value, everywhere.get(value) as number, emit)),
    ];
  });
  const input = { name: EVIDENCE.factors, dataType: "float32", dims: [factors.length] } as const;
  return withGraph(model, {
    nodes,
    inputs: [...model.graph.inputs, input],
    initializers: new Map([...model.graph.initializers, ...made]),
  });
}

const edgeName = (value: string, i: number): string => `${value}/edge${i}`;

interface Emit {
  /** Constants to add. */
  readonly made: Map<string, Tensor>;
  readonly shapes: Shapes;
}

/** The factor of this index under a name, in the type of a value. */
function factorNodes(i: number, name: string, like: string, { made, shapes }: Emit): Node[] {
  const index = `${EVIDENCE.factors}/${i}`;
  made.set(index, makeTensor("int64", [], [i]));
  const isSingle = (dataTypeOf(shapes, like) ?? "float32") === "float32";
  const single = isSingle ? name : `${name}/single`;
  const gather = makeNode("Gather", [EVIDENCE.factors, index], [single], { name: single });
  return isSingle ? [gather] : [gather, makeNode("CastLike", [single, like], [name], { name })];
}

/** @param like a value of the model with the type of both */
function timesFactor(from: string, to: string, like: string, i: number, emit: Emit): Node[] {
  const factor = `${to}/factor`;
  return [...factorNodes(i, factor, like, emit), makeNode("Mul", [from, factor], [to], { name: to })];
}

/** Nodes with γ and β as their second and third input. */
const AFFINE = /^(Batch|Layer|Group|Instance|RMS)Normalization$/;

/** Where γ and β are inputs, those are multiplied, which costs nothing; else the value, under its own name. */
function multiplied(node: Node, value: string, i: number, emit: Emit): Node[] {
  if (node.domain === "" && AFFINE.test(node.opType) && node.outputs.indexOf(value) === 0) {
    const factor = `${value}/factor`;
    const [x = "", ...rest] = node.inputs;
    const times = (name: string, k: number): string =>
      k > 1 || name === "" ? name : `${value}/parameter${k}`;
    const products = rest.flatMap((name, k) =>
      times(name, k) === name
        ? []
        : [makeNode("Mul", [name, factor], [times(name, k)], { name: times(name, k) })],
    );
    return [
      ...factorNodes(i, factor, rest[0] ?? "", emit),
      ...products,
      { ...node, inputs: [x, ...rest.map(times)] },
    ];
  }
  const plain = `${value}/unscaled`;
  const outputs = node.outputs.map((name) => (name === value ? plain : name));
  return [{ ...node, outputs }, ...timesFactor(plain, value, value, i, emit)];
}

/** Places where one value alone carries all of the picture that is still to be read. */
function findCuts({ graph }: Model, image: string, factors: readonly Factor[]): Cut[] {
  const dependent = valuesFrom(graph.nodes, image);
  const lastRead = new Map(
    graph.nodes.flatMap((node, i) =>
      readsShapeOnly(node) ? [] : valuesReadBy(node).map((name) => [name, i] as const),
    ),
  );
  const scaled = new Set(factors.map((f, i) => (f.readers === undefined ? f.value : edgeName(f.value, i))));
  const live = new Set([image]);
  let before = 0;
  return graph.nodes.flatMap((node, i) => {
    for (const name of node.outputs)
      if (dependent.has(name) && (lastRead.get(name) ?? -1) > i) live.add(name);
    for (const name of live) if ((lastRead.get(name) ?? -1) <= i) live.delete(name);
    before += node.outputs.filter((name) => scaled.has(name)).length;
    const [value, more] = live;
    return value !== undefined && more === undefined && node.outputs.includes(value)
      ? [{ value, before }]
      : [];
  });
}
