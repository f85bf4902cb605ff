// Follows what is computed from a value and its statistics over some axes, until normalized values come out of it. Any order of
// the same arithmetic is understood; what it cannot mean (another mean, another root, a constant across the axes) ends it.
// Derived here.
import { attr, dimsOf, elementCount, type Node } from "@snellen/graph";
import type { FormContext } from "../normalization.ts";
import {
  constant,
  type Deviation,
  holdsConstants,
  holdsValue,
  meanOf,
  type Normalized,
  normalizedIn,
  number,
  numberIn,
  oneOverDeviation,
  plus,
  rootOf,
  type Sum,
  scaled,
  theValue,
  times,
} from "./expressions.ts";
import { reducedAxes, type Statistics } from "./statistics.ts";
import { graphOrder, isConstant, isFilledWith, permutationOf, scalarOf } from "./support.ts";

/** x, or x with its axes in another order, as a value of the graph. */
export interface View {
  readonly value: string;
  /** Axes of the statistics in this value. */
  readonly axes: readonly number[];
}

type Content =
  | { readonly kind: "sum"; readonly sum: Sum; readonly view: View | undefined }
  | { readonly kind: "deviation"; readonly deviation: Deviation };

/** A value that is normalized. */
export interface Outcome extends Normalized {
  readonly value: string;
  readonly view: View;
}

export interface Family {
  readonly deviation: Deviation;
  /** In graph order. */
  readonly outcomes: readonly Outcome[];
  /** Nodes of everything that was followed, by the value that they make. */
  readonly producers: ReadonlyMap<string, Node>;
}

interface Walk {
  readonly context: FormContext;
  readonly contents: Map<string, Content>;
  /** Of the first root; a value by another one is not followed. */
  deviation: Deviation | undefined;
}

/** Everything that is computed from x and its statistics over these axes; undefined when no deviation is. */
export function followStatistics(context: FormContext, { root, axes }: Statistics): Family | undefined {
  const { index } = context;
  const view = { value: root, axes };
  const walk: Walk = {
    context,
    contents: new Map([[root, { kind: "sum", sum: theValue, view }]]),
    deviation: undefined,
  };
  const producers = new Map<string, Node>();
  const order = graphOrder(context);
  const waiting = new Set(index.readers(root));
  while (waiting.size > 0) {
    const node = [...waiting].reduce((a, b) => (order(a, b) <= 0 ? a : b));
    waiting.delete(node);
    const content = contentOf(node, walk);
    if (content === undefined) continue;
    const output = node.outputs[0] as string;
    walk.contents.set(output, content);
    producers.set(output, node);
    for (const reader of index.readers(output)) waiting.add(reader);
  }
  const { deviation } = walk;
  if (deviation === undefined) return undefined;
  const outcomes = [...walk.contents].flatMap(([value, content]): Outcome[] => {
    if (content.kind !== "sum" || content.view === undefined) return [];
    const normalized = normalizedIn(content.sum, deviation);
    return normalized === undefined ? [] : [{ ...normalized, value, view: content.view }];
  });
  return { deviation, outcomes, producers };
}

type Rule = (operands: readonly Content[], node: Node, walk: Walk) => Content | undefined;

const sumContent = (sum: Sum | undefined, view: View | undefined): Content | undefined =>
  sum === undefined ? undefined : { kind: "sum", sum, view };

/** What a node computes; undefined outside the arithmetic. */
function contentOf(node: Node, walk: Walk): Content | undefined {
  const rule = node.domain === "" ? RULES[node.opType] : undefined;
  if (rule === undefined) return undefined;
  const operands = (OPERANDS[node.opType] ?? [0]).map((i) => operandOf(node.inputs[i] ?? "", walk));
  if (operands.includes(undefined)) return undefined;
  return rule(operands as Content[], node, walk);
}

function operandOf(name: string, { contents, context }: Walk): Content | undefined {
  const known = contents.get(name);
  if (known !== undefined) return known;
  if (!isConstant(context.index, name)) return undefined;
  const single = scalarOf(context, name);
  return { kind: "sum", sum: single === undefined ? constant(name) : number(single), view: undefined };
}

/** Which inputs the arithmetic is of; the first alone where nothing is said. */
const OPERANDS: Readonly<Record<string, readonly number[] | undefined>> = {
  ...Object.fromEntries(["Add", "Sub", "Mul", "Div", "Pow", "Max"].map((op) => [op, [0, 1]])),
  BatchNormalization: [0, 3, 4],
};

/** Two sums whose statistics lie beside x as broadcasting wants it. */
function both(
  operands: readonly Content[],
  node: Node,
  walk: Walk,
  combine: (a: Sum, b: Sum) => Sum | undefined,
): Content | undefined {
  const [a, b] = operands as [Content, Content];
  if (a.kind !== "sum" || b.kind !== "sum") return undefined;
  const view = a.view ?? b.view;
  if (a.view !== undefined && b.view !== undefined && a.view.value !== b.view.value) return undefined;
  const beside = operands.every(
    (o, i) => view === undefined || isBeside(o, node.inputs[i] as string, view, walk),
  );
  return beside ? sumContent(combine(a.sum, b.sum), view) : undefined;
}

/** Whether a statistic has size 1 along the axes that it was taken over, where x has them. */
function isBeside(content: Content, name: string, view: View, { context }: Walk): boolean {
  if (content.kind === "sum" && (content.view !== undefined || holdsConstants(content.sum))) return true;
  const [own, dims] = [beforeExpand(name, context), view.value].map((value) => dimsOf(context.shapes, value));
  if (own === undefined || dims === undefined) return false;
  if (elementCount(own) === 1) return true;
  const missing = dims.length - own.length;
  return view.axes.every((axis) => axis < missing || own[axis - missing] === 1);
}

/** The value that an Expand spread over the shape of x. */
function beforeExpand(name: string, context: FormContext): string {
  const node = context.index.producer(name);
  return node?.opType === "Expand" || node?.opType === "Cast"
    ? beforeExpand(node.inputs[0] as string, context)
    : name;
}

/** The plain number that a content is; undefined for any other. */
const numberOf = (content: Content | undefined): number | undefined =>
  content?.kind === "sum" ? numberIn(content.sum) : undefined;

/** @param changed the deviation that one becomes together with a plain number */
const arithmetic =
  (
    combine: (a: Sum, b: Sum) => Sum | undefined,
    changed: (deviation: Deviation, by: number) => Deviation | undefined,
  ): Rule =>
  (operands, node, walk) => {
    const [a, b] = operands as [Content, Content];
    const [one, other] = a.kind === "deviation" ? [a, b] : [b, a];
    if (one.kind !== "deviation") return both(operands, node, walk, combine);
    const by = numberOf(other);
    const deviation = by === undefined ? undefined : changed(one.deviation, by);
    return deviation === undefined ? undefined : { kind: "deviation", deviation };
  };

const multiply = arithmetic(times, ({ centred, factor, inner, outer }, by) =>
  by <= 0 ? undefined : { centred, factor: factor * by * by, inner: inner * by * by, outer: outer * by },
);

const add = arithmetic(plus, (deviation, by) => ({ ...deviation, outer: deviation.outer + by }));

/** One over a deviation; there is one deviation in a normalization. */
function inverseOf(deviation: Deviation, walk: Walk): Sum | undefined {
  walk.deviation ??= deviation;
  const fields = ["centred", "factor", "inner", "outer"] as const;
  return fields.every((field) => walk.deviation?.[field] === deviation[field]) ? oneOverDeviation : undefined;
}

const divide: Rule = ([a, b], node, walk) => {
  if (a?.kind !== "sum" || b === undefined) return undefined;
  if (b.kind === "deviation") {
    const inverse = inverseOf(b.deviation, walk);
    const beside = a.view === undefined || isBeside(b, node.inputs[1] as string, a.view, walk);
    return inverse === undefined || !beside ? undefined : sumContent(times(a.sum, inverse), a.view);
  }
  const by = numberIn(b.sum);
  return by === undefined || by === 0 ? undefined : sumContent(scaled(a.sum, 1 / by), a.view);
};

const root = (content: Content | undefined): Content | undefined => {
  const deviation = content?.kind === "sum" ? rootOf(content.sum) : undefined;
  return deviation === undefined ? undefined : { kind: "deviation", deviation };
};

const reciprocal = (content: Content | undefined, walk: Walk): Content | undefined =>
  content?.kind === "deviation" ? sumContent(inverseOf(content.deviation, walk), undefined) : undefined;

const power: Rule = ([base, exponent], _, walk) => {
  const by = numberOf(exponent);
  if (by === 0.5) return root(base);
  if (by === -0.5) return reciprocal(root(base), walk);
  if (by === -1) return reciprocal(base, walk);
  return by === 2 && base?.kind === "sum" ? sumContent(times(base.sum, base.sum), base.view) : undefined;
};

/** The same numbers, maybe in another shape. */
const same: Rule = ([content]) => content;

/** Statistics may be laid out anew; x and what holds constants may not. */
const reshaped: Rule = ([content]) =>
  content?.kind === "sum" && (content.view !== undefined || holdsConstants(content.sum))
    ? undefined
    : content;

const transposed: Rule = ([content], node, walk) => {
  if (content?.kind !== "sum" || content.view === undefined)
    return reshaped([content as Content], node, walk);
  if (content.sum !== theValue) return undefined;
  const rank = dimsOf(walk.context.shapes, content.view.value)?.length ?? 0;
  const order = permutationOf(node, rank);
  const axes = content.view.axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
  return sumContent(theValue, { value: node.outputs[0] as string, axes });
};

/** A lower limit, which keeps a variance from falling below zero. */
const limited: Rule = (operands) =>
  operands.find((content) => content.kind === "deviation" || rootOf(content.sum) !== undefined);

const mean =
  (squares: boolean, summed: boolean): Rule =>
  ([content], node, walk) => {
    if (content?.kind !== "sum" || content.view === undefined || !holdsValue(content.sum)) return undefined;
    const axes = reducedAxes(node, walk.context);
    if (axes === undefined || axes.join() !== content.view.axes.join()) return undefined;
    const terms = squares ? times(content.sum, content.sum) : content.sum;
    const averaged = terms === undefined ? undefined : meanOf(terms);
    if (averaged === undefined || !summed) return sumContent(averaged, undefined);
    const dims = dimsOf(walk.context.shapes, content.view.value) ?? [];
    const count = elementCount(axes.map((axis) => dims[axis] ?? -1));
    return count > 0 ? sumContent(scaled(averaged, count), undefined) : undefined;
  };

const subtract: Rule = (operands, node, walk) => both(operands, node, walk, (a, b) => plus(a, scaled(b, -1)));
const negate: Rule = ([content]) =>
  content?.kind === "sum" ? sumContent(scaled(content.sum, -1), content.view) : undefined;

/** With statistics that are computed from x, as Keras 2 writes LayerNormalization. */
const normalizedByGiven: Rule = ([x, taken, variance], node, walk) => {
  if (x?.kind !== "sum" || x.view === undefined || taken?.kind !== "sum" || variance?.kind !== "sum")
    return undefined;
  const { index, shapes } = walk.context;
  const others = (dimsOf(shapes, x.view.value) ?? []).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const shifted = plus(variance.sum, number(attr.float(node, "epsilon", 1e-5)));
  const deviation = shifted === undefined ? undefined : rootOf(shifted);
  if (deviation === undefined || x.sum !== theValue || x.view.axes.join() !== others.join()) return undefined;
  const inverse = inverseOf(deviation, walk);
  const centred = plus(x.sum, scaled(taken.sum, -1));
  const given = (i: number, neutral: number): Sum | undefined => {
    const name = node.inputs[i] ?? "";
    if (isFilledWith(index, name, neutral)) return number(neutral);
    return isConstant(index, name) ? constant(name) : undefined;
  };
  const [scale, bias] = [given(1, 1), given(2, 0)];
  if (inverse === undefined || centred === undefined || scale === undefined || bias === undefined)
    return undefined;
  const normal = times(centred, inverse);
  const product = normal === undefined ? undefined : times(normal, scale);
  return product === undefined ? undefined : sumContent(plus(product, bias), x.view);
};

/** How each operator works on sums and deviations. */
const RULES: Readonly<Record<string, Rule | undefined>> = {
  Add: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
  Neg: negate,
  Pow: power,
  Sqrt: ([content]) => root(content),
  Reciprocal: ([content], _, walk) => reciprocal(content, walk),
  Cast: same,
  Identity: same,
  Reshape: reshaped,
  Flatten: reshaped,
  Unsqueeze: reshaped,
  Squeeze: reshaped,
  Expand: reshaped,
  Transpose: transposed,
  Relu: limited,
  Max: limited,
  Clip: limited,
  ReduceMean: mean(false, false),
  ReduceSum: mean(false, true),
  ReduceSumSquare: mean(true, true),
  GlobalAveragePool: mean(false, false),
  BatchNormalization: normalizedByGiven,
};
