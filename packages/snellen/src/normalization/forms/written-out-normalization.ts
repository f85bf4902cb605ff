// Normalizations in elementary operators, over any axes and in any order of the arithmetic: (x − mean)/√(var + ε)·γ + β, Keras'
// x·(γ/√(var + ε)) + (β − mean·γ/√(var + ε)), variances as E[x²] − E[x]² or with n − 1, ε beside the root, RMS without the mean.
import { dimsOf, type Node } from "@snellen/graph";
import type { FormContext, Normalization, NormalizationForm } from "../normalization.ts";
import { axisParts, type Part } from "./axis-parts.ts";
import { type Core, mayBeAffine, sandwichOf } from "./core.ts";
import { placed } from "./placement.ts";
import { statisticsIn, takesStatistics } from "./statistics.ts";
import { dimsBeside, graphOrder, onlyReader, parameterOf } from "./support.ts";
import { type Family, followStatistics, type Outcome } from "./written-out.ts";

const form = (id: string, title: string, isCentred: boolean): NormalizationForm => ({
  id,
  title,
  find: (context) => {
    const found = statisticsIn(context).flatMap((statistics) => {
      const family = followStatistics(context, statistics);
      if (family?.deviation.centred !== isCentred) return [];
      return chainsOf(context, family).flatMap((chain) => normalizationOf(context, family, chain, id) ?? []);
    });
    const order = graphOrder(context);
    return found.sort((a, b) => order(a.node, b.node));
  },
});

export const writtenOutNormalization = form(
  "written-out-normalization",
  "ReduceMean, Sub, Mul, Sqrt, …, as written by hand",
  true,
);

export const writtenOutRmsNormalization = form(
  "written-out-rms-normalization",
  "Pow, ReduceMean, Sqrt, Div, …, as written by hand",
  false,
);

/** From the first normalized value to the last of the same normalization. */
interface Chain {
  readonly first: Outcome;
  readonly last: Outcome;
}

function chainsOf(context: FormContext, family: Family): Chain[] {
  const { index } = context;
  const byValue = new Map(family.outcomes.map((o) => [o.value, o]));
  const after = (node: Node): Outcome | undefined => byValue.get(node.outputs[0] as string);
  const firsts = family.outcomes.filter(
    ({ value, factor }) =>
      !family.producers.get(value)?.inputs.some((name) => byValue.has(name)) &&
      isOne(family.deviation.factor / factor ** 2),
  );
  return firsts.flatMap((first) => {
    const readers = index.readers(first.value).map(after);
    // one statistic with several scales: a normalization each
    const several = readers.length > 1 && !readers.includes(undefined) && !index.isOutput(first.value);
    const starts = several ? (readers as Outcome[]) : [first];
    return starts.map((start) => ({ first, last: lastOf(context, start, byValue) }));
  });
}

/** Variances with n − 1 are larger, by two at most; sums without their number of elements are another matter. */
const isOne = (factor: number): boolean => factor > 0.9 && factor < 2.1;

/** Goes on through a scale and a bias that may be those of the channels. */
function lastOf(context: FormContext, start: Outcome, byValue: ReadonlyMap<string, Outcome>): Outcome {
  const parts = partsAround(context, start);
  const rank = dimsOf(context.shapes, start.view.value)?.length ?? 0;
  const may = (constant: string | undefined): boolean =>
    constant === undefined || mayBeAffine(context, constant, { axes: start.view.axes, rank }, parts);
  let last = start;
  for (;;) {
    const next = byValue.get(onlyReader(context.index, last.value)?.outputs[0] ?? "");
    if (next === undefined || next.factor !== last.factor) return last;
    const keeps = (last.scale ?? next.scale) === next.scale && (last.bias ?? next.bias) === next.bias;
    if (!keeps || !may(next.scale) || !may(next.bias)) return last;
    last = next;
  }
}

function partsAround({ index, shapes }: FormContext, { view }: Outcome): readonly Part[] {
  const before = index.producer(view.value);
  const [types] = shapes.probes;
  const inner = types?.get(view.value)?.dims ?? [];
  const outer = before?.opType === "Reshape" ? types?.get(before.inputs[0] ?? "")?.dims : undefined;
  return axisParts(outer ?? inner, inner, view.axes) ?? [];
}

function normalizationOf(
  context: FormContext,
  family: Family,
  { first, last: end }: Chain,
  id: string,
): Normalization | undefined {
  const nodes = nodesOf(family, end);
  const ordered = nodes.toSorted(graphOrder(context));
  const node =
    ordered.findLast((n) => n.opType === "BatchNormalization") ??
    ordered.findLast((n) => takesStatistics(n, context));
  if (node === undefined) return undefined;
  const { inner, outer } = family.deviation;
  const rank = dimsOf(context.shapes, end.view.value)?.length ?? 0;
  const constant = end.scale ?? end.bias;
  const named = (name: string | undefined): string | null =>
    name === undefined ? null : parameterOf(context.index, name);
  const isBare = first.scale === undefined && first.bias === undefined;
  const core: Core = {
    form: id,
    node,
    nodes,
    input: end.view.value,
    normalized: isBare ? first.value : end.value,
    output: end.value,
    axes: end.view.axes,
    isCentred: family.deviation.centred,
    epsilon: inner === 0 ? outer : inner,
    scale: named(end.scale),
    bias: named(end.bias),
    affineDims: constant === undefined ? undefined : dimsBeside(context, constant, rank),
  };
  const sandwich = sandwichOf(context, core);
  return (sandwich && placed(context, core, sandwich)) ?? placed(context, core);
}

/** What a normalized value is made of, from x on. */
function nodesOf({ producers }: Family, { value, view }: Outcome): Node[] {
  const nodes = new Set<Node>();
  const waiting = [value];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const node = at === view.value ? undefined : producers.get(at);
    if (node === undefined || nodes.has(node)) continue;
    nodes.add(node);
    waiting.push(...node.inputs);
  }
  return [...nodes];
}
