// Where a residual branch joins its skip: which Adds they are, and which of their terms is which. Derived here.
// He et al. 2016 (identity and projection shortcuts); a sum of equals (RepVGG's branches, a feature pyramid) is none.
import { BATCH, dimsOf, type Node } from "@snellen/graph";
import { type Behind, type Flow, isDepthwise, isWeightLayer } from "./flow.ts";

export interface ResidualAdd {
  /** The Add; of a sum of several terms the last. */
  readonly node: Node;
  /** Every Add of the sum. */
  readonly nodes: readonly Node[];
  /** `identity`: the branch is computed from the skip itself; `projection`: both from something before. */
  readonly kind: "identity" | "projection";
  readonly skip: string;
  /** One value, or several where branches run in parallel. */
  readonly branches: readonly string[];
  /** Nodes that the skip passes and no branch does. */
  readonly skipOnly: ReadonlySet<Node>;
}

/** In graph order. */
export function findResidualAdds(flow: Flow): ResidualAdd[] {
  const inner = new Set<Node>();
  const sums = flow.nodes.filter((node) => isSum(flow, node)).reverse();
  const found: ResidualAdd[] = [];
  for (const node of sums) {
    if (inner.has(node)) continue;
    const nodes = new Set<Node>();
    const terms = termsOf(flow, node, nodes);
    const sides = feedsGateOnly(flow, node.outputs[0] as string) ? undefined : sidesOf(flow, terms);
    if (sides === undefined) continue;
    for (const add of nodes) inner.add(add);
    found.push({ node, nodes: [...nodes], ...sides });
  }
  return found.reverse();
}

const isSum = (flow: Flow, node: Node): boolean =>
  node.domain === "" &&
  (node.opType === "Add" || node.opType === "Sum") &&
  flow.normalizationOf(node) === undefined &&
  flow.isImage(node.outputs[0] as string);

/**
 * A constant that was expanded over the batch, such as a class token: it may be a skip, if the branch is computed from it
 * (CaiT's class attention), and nothing otherwise (positional embeddings).
 */
const isToken = (flow: Flow, value: string): boolean =>
  !flow.isImage(value) &&
  flow.index.producer(value) !== undefined &&
  dimsOf(flow.shapes, value)?.includes(BATCH) === true;

/** What is added up, through Adds that only the next one reads: (x + attention) + mlp has three terms. */
function termsOf(flow: Flow, node: Node, nodes: Set<Node>): string[] {
  nodes.add(node);
  return node.inputs
    .filter((name) => flow.isImage(name) || isToken(flow, name))
    .flatMap((name) => {
      const before = flow.index.producer(name);
      const isPart =
        before !== undefined &&
        isSum(flow, before) &&
        before.inputs.every((input) => flow.isImage(input)) &&
        flow.index.readers(name).length === 1 &&
        !flow.index.isOutput(name);
      return isPart ? termsOf(flow, before, nodes) : [name];
    });
}

type Sides = Pick<ResidualAdd, "kind" | "skip" | "branches" | "skipOnly">;

function sidesOf(flow: Flow, terms: readonly string[]): Sides | undefined {
  if (terms.length < 2 || new Set(terms).size < terms.length) return undefined;
  const behind = new Map(terms.map((term) => [term, flow.behind(term)]));
  return identitySides(flow, terms, behind) ?? projectionSides(flow, terms, behind);
}

type BehindTerms = ReadonlyMap<string, Behind>;

const isBehind = (behind: BehindTerms, value: string, term: string): boolean =>
  value !== term && behind.get(term)?.values.has(value) === true;

/** One term is behind every other one, and what lies between is more than an activation written out. */
function identitySides(flow: Flow, terms: readonly string[], behind: BehindTerms): Sides | undefined {
  const skip = terms.find((term) => terms.every((t) => t === term || isBehind(behind, term, t)));
  if (skip === undefined) return undefined;
  const branches = terms.filter((term) => term !== skip);
  const between = nodesOf(behind, branches).filter((node) => behind.get(skip)?.nodes.has(node) !== true);
  if (!between.some((node) => isMixing(flow, node))) return undefined;
  return { kind: "identity", skip, branches, skipOnly: new Set() };
}

/**
 * Without such a term: the side with fewer layers, of those that are the side's own, is a projection if it has at most one that
 * mixes channels. Terms that are computed from one another are one side.
 */
function projectionSides(flow: Flow, terms: readonly string[], behind: BehindTerms): Sides | undefined {
  const groups = groupsOf(terms, behind).map((group) => ({ group, own: ownNodes(terms, group, behind) }));
  const ranked = groups
    .map((side) => ({ ...side, cost: costOf(flow, side.own) }))
    .sort((a, b) => compare(a.cost, b.cost));
  const [first, second] = ranked;
  if (first === undefined || second === undefined || compare(first.cost, second.cost) === 0) return undefined;
  const [skip, another] = first.group;
  if (skip === undefined || another !== undefined || !flow.isImage(skip) || first.cost[0] > 1)
    return undefined;
  // an output of a Split, whose other outputs went into the branch
  if (first.own.size === 0) return undefined;
  const others = ranked.slice(1).flatMap(({ own }) => [...own]);
  if (!others.some((node) => isMixing(flow, node)) || others.some(isUpsampling)) return undefined;
  if (isOtherPart(flow, first.own, others)) return undefined;
  const branches = terms.filter((term) => term !== skip);
  if (!branches.every((term) => flow.isImage(term))) return undefined;
  return { kind: "projection", skip, branches, skipOnly: first.own };
}

const nodesOf = (behind: BehindTerms, terms: readonly string[]): Node[] =>
  terms.flatMap((term) => [...(behind.get(term)?.nodes ?? [])]);

/** Terms joined with those that they are computed from. */
function groupsOf(terms: readonly string[], behind: BehindTerms): string[][] {
  const groups: string[][] = [];
  for (const term of terms) {
    const related = groups.filter((group) =>
      group.some((other) => isBehind(behind, term, other) || isBehind(behind, other, term)),
    );
    const rest = groups.filter((group) => !related.includes(group));
    groups.splice(0, groups.length, ...rest, [...related.flat(), term]);
  }
  return groups;
}

/** Nodes behind one side and behind no other. */
function ownNodes(terms: readonly string[], group: readonly string[], behind: BehindTerms): Set<Node> {
  const others = new Set(
    nodesOf(
      behind,
      terms.filter((term) => !group.includes(term)),
    ),
  );
  return new Set(nodesOf(behind, group).filter((node) => !others.has(node)));
}

type Cost = readonly [mixing: number, weights: number, normalizations: number];

/** Layers that mix channels, all layers with weights, normalizations: compared in this order. */
function costOf(flow: Flow, own: ReadonlySet<Node>): Cost {
  const layers = [...own].filter((node) => isWeightLayer(flow, node));
  const normalizations = new Set([...own].flatMap((node) => flow.normalizationOf(node) ?? []));
  const mixing = layers.filter((node) => !isDepthwise(flow, node));
  return [mixing.length, layers.length, normalizations.size];
}

const compare = (a: Cost, b: Cost): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** What tells a branch from an activation function that an exporter wrote out (GELU by tanh adds x to x³). */
const isMixing = (flow: Flow, node: Node): boolean =>
  isWeightLayer(flow, node) ||
  flow.normalizationOf(node) !== undefined ||
  /Pool$|^(MatMul|Einsum|Attention|MultiHeadAttention|Softmax)$/.test(node.opType);

/** Sums behind an upsampling bring a coarser level back to a finer one: a pyramid, no block. */
const isUpsampling = ({ opType }: Node): boolean =>
  /^(Resize|Upsample|ConvTranspose|DepthToSpace|MaxUnpool)$/.test(opType);

/** Sides made from different parts of one split value (Res2Net's scales) have nothing to be the identity of. */
function isOtherPart(flow: Flow, skipOnly: ReadonlySet<Node>, branchOnly: readonly Node[]): boolean {
  const parts = (nodes: Iterable<Node>) =>
    [...nodes]
      .filter((node) => node.opType === "Slice" && cutsChannels(flow, node))
      .map((node) => node.inputs[0]);
  const ofBranch = new Set(parts(branchOnly));
  return parts(skipOnly).some((value) => ofBranch.has(value));
}

function cutsChannels(flow: Flow, node: Node): boolean {
  const [before, after] = [node.inputs[0], node.outputs[0]].map((name) => dimsOf(flow.shapes, name ?? ""));
  return before?.[1] !== undefined && before[1] !== after?.[1];
}

const BOUNDED = /^(Softmax|LogSoftmax|Sigmoid|HardSigmoid|Tanh)$/;
/** Between an attention's logits, or a gate's, and the function that bounds them. */
const POINTWISE =
  /^(Add|Cast|Clip|Div|Dropout|Expand|Flatten|Identity|Mul|Reshape|Squeeze|Sub|Transpose|Unsqueeze|Where)$/;

/** Whether a value is nothing but the argument of a Softmax or Sigmoid, such as attention logits with a position bias. */
function feedsGateOnly(flow: Flow, value: string): boolean {
  const readers = flow.index.readers(value);
  if (readers.length === 0 || flow.index.isOutput(value)) return false;
  return readers.every(
    (node) =>
      BOUNDED.test(node.opType) ||
      (POINTWISE.test(node.opType) &&
        flow.normalizationOf(node) === undefined &&
        feedsGateOnly(flow, node.outputs[0] as string)),
  );
}
