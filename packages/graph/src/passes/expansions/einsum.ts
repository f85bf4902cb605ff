// Einsum as Transpose, Reshape, MatMul and ReduceSum: operands are contracted pairwise from the left.
// Source: the ONNX operator's definition (numpy.einsum without diagonals).
import { attr, type Node } from "../../model.ts";
import type { ExpandContext, ExpansionTable } from "../expand-operators.ts";
import { product, reshape, transpose } from "./support.ts";

/** A value whose axes carry labels. */
interface Labelled {
  readonly value: string;
  readonly labels: readonly string[];
}

/** Labels of each operand and of the result; the axes of an ellipsis are "0", "1", … counted from the right. */
export function parseEquation(
  equation: string,
  ranks: readonly number[],
): { operands: string[][]; result: string[] } | undefined {
  const [left = "", right] = equation.replaceAll(/\s/g, "").split("->");
  const terms = left.split(",");
  if (terms.length !== ranks.length) return undefined;
  let widest = 0;
  const operands = terms.map((term, i) => {
    const covered = term.replace("...", "").length;
    const hidden = term.includes("...") ? (ranks[i] as number) - covered : 0;
    widest = Math.max(widest, hidden);
    return labelsOf(term, hidden);
  });
  const once = [...new Set(operands.flat())].filter(
    (label) => operands.flat().filter((l) => l === label).length === 1,
  );
  const implicit = () => [...ellipsis(widest), ...once.filter((l) => /[A-Za-z]/.test(l)).sort()];
  const result = right === undefined ? implicit() : labelsOf(right, right.includes("...") ? widest : 0);
  if (operands.some((labels, i) => labels.length !== ranks[i])) return undefined;
  return { operands, result };
}

const ellipsis = (count: number): string[] => Array.from({ length: count }, (_, i) => String(count - 1 - i));

const labelsOf = (term: string, hidden: number): string[] => {
  const [before = "", after] = term.split("...");
  return after === undefined ? [...before] : [...before, ...ellipsis(hidden), ...after];
};

function expandEinsum(node: Node, context: ExpandContext): string {
  const ranks = node.inputs.map((name) => context.dims(name).length);
  const equation = attr.string(node, "equation");
  const parsed =
    parseEquation(equation, ranks) ?? context.fail(`the equation "${equation}" does not fit its inputs`);
  if (parsed.operands.some((labels) => new Set(labels).size < labels.length))
    return context.fail("a diagonal");
  const operands = parsed.operands.map(
    (labels, i): Labelled => ({ value: node.inputs[i] as string, labels }),
  );
  const [first, ...others] = operands as [Labelled, ...Labelled[]];
  const contracted = others.reduce((a, b, i) => {
    const needed = new Set([...parsed.result, ...others.slice(i + 1).flatMap((o) => o.labels)]);
    return contract(
      context,
      sumUnused(context, a, b.labels, needed),
      sumUnused(context, b, a.labels, needed),
      needed,
    );
  }, first);
  const summed = sumUnused(context, contracted, [], new Set(parsed.result));
  return arrange(context, summed, parsed.result).value;
}

/** Sums over the axes that neither the partner nor anything later needs. */
function sumUnused(
  { emit }: ExpandContext,
  operand: Labelled,
  partner: readonly string[],
  needed: ReadonlySet<string>,
): Labelled {
  const axes = operand.labels.flatMap((l, i) => (needed.has(l) || partner.includes(l) ? [] : [i]));
  if (axes.length === 0) return operand;
  const value = emit.op("ReduceSum", [operand.value, emit.ints(axes)], { keepdims: 0 });
  return { value, labels: operand.labels.filter((_, i) => !axes.includes(i)) };
}

function arrange(context: ExpandContext, operand: Labelled, labels: readonly string[]): Labelled {
  const perm = labels.map((l) => operand.labels.indexOf(l));
  return { value: transpose(context, operand.value, perm), labels };
}

/** One product: shared labels that stay are batch axes, shared labels that go are summed by MatMul. */
function contract(context: ExpandContext, a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter((l) => needed.has(l));
  const summed = shared.filter((l) => !needed.has(l));
  const rows = a.labels.filter((l) => !b.labels.includes(l));
  const columns = b.labels.filter((l) => !a.labels.includes(l));
  const left = arrange(context, a, [...batch, ...rows, ...summed]);
  const right = arrange(context, b, [...batch, ...summed, ...columns]);
  const sizes = new Map<string, number>();
  for (const { value, labels } of [left, right]) {
    const dims = context.dims(value);
    labels.forEach((l, i) => {
      sizes.set(l, Math.max(sizes.get(l) ?? dims[i]!, dims[i]!));
    });
  }
  const of = (labels: readonly string[]): number[] => labels.map((l) => sizes.get(l) as number);
  // Batch axes keep their own size on each side: one of them may be broadcast.
  const own = (value: string): readonly number[] => context.dims(value).slice(0, batch.length);
  const matrix = (value: string, first: number, second: number): string =>
    reshape(context, value, [...own(value), first, second]);
  const result = context.emit.op("MatMul", [
    matrix(left.value, product(of(rows)), product(of(summed))),
    matrix(right.value, product(of(summed)), product(of(columns))),
  ]);
  const labels = [...batch, ...rows, ...columns];
  return { value: reshape(context, result, of(labels)), labels };
}

export const einsum: ExpansionTable = { Einsum: expandEinsum };
