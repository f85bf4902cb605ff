// Gradient of Einsum: again an Einsum, of the output gradient and the other operands, onto the operand's labels. Derived here.
// Ellipses become labels, broadcast axes are dropped first, a repeated label (a diagonal) is put back with an identity matrix.
import {
  attr,
  BATCH,
  describeNode,
  type GraphBuilder,
  makeTensor,
  type Node,
  UnsupportedError,
} from "@snellen/graph";
import type { Rule } from "../rule.ts";

/** Axes of one operand: its value, and one label per axis. */
interface Term {
  readonly value: string;
  readonly labels: readonly string[];
}

interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const ALPHABET = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];

export const Einsum: Rule = ({ b, node, x, dy, needs }) => {
  const equation = parseEquation(
    node,
    x.map((value) => b.rank(value)),
  );
  const sizes = labelSizes(b, x, equation);
  const fresh = ALPHABET.filter((label) => !sizes.has(label));
  const terms = x.map((value, i) =>
    withoutBroadcast(b, { value, labels: equation.operands[i] ?? [] }, sizes),
  );
  const seed: Term = { value: dy, labels: equation.output };
  return x.map((value, i) =>
    needs(i)
      ? gradientOf(
          b,
          value,
          equation.operands[i] ?? [],
          [seed, ...terms.filter((_, j) => j !== i)],
          sizes,
          fresh,
        )
      : null,
  );
};

/** Labels of every axis; an ellipsis stands for fresh labels, aligned at its right. */
function parseEquation(node: Node, ranks: readonly number[]): Equation {
  const text = attr.string(node, "equation").replace(/\s/g, "");
  const [left = "", right] = text.split("->");
  const terms = left.split(",");
  const spare = ALPHABET.filter((label) => !text.includes(label));
  const covered = terms.map((term, i) => (term.includes("...") ? (ranks[i] ?? 0) - (term.length - 3) : 0));
  const hidden = spare.slice(0, Math.max(...covered));
  const expand = (term: string, count: number): string[] => {
    const [before = "", after] = term.split("...");
    return after === undefined ? [...before] : [...before, ...hidden.slice(hidden.length - count), ...after];
  };
  const operands = terms.map((term, i) => expand(term, covered[i] ?? 0));
  if (operands.some((labels, i) => labels.length !== ranks[i])) {
    throw new UnsupportedError(
      "bad-equation",
      `"${text}" does not fit operands of rank ${ranks.join(", ")}.`,
      {
        where: describeNode(node),
        hint: "Correct the equation or the operands.",
      },
    );
  }
  return {
    operands,
    output: right === undefined ? implicitOutput(operands, hidden) : expand(right, hidden.length),
  };
}

/** Without an arrow: the ellipsis, then the labels that occur once, in alphabetical order (capitals first). */
function implicitOutput(operands: readonly (readonly string[])[], hidden: readonly string[]): string[] {
  const all = operands.flat();
  const single = all.filter(
    (label) => !hidden.includes(label) && all.filter((l) => l === label).length === 1,
  );
  return [...hidden, ...single.sort()];
}

/** Size of each label, `BATCH` where it follows the batch; 1 only where every operand has 1. */
function labelSizes(b: GraphBuilder, x: readonly string[], { operands }: Equation): Map<string, number> {
  const sizes = new Map<string, number>();
  operands.forEach((labels, i) => {
    const dims = b.dims(x[i] as string);
    labels.forEach((label, axis) => {
      if ((sizes.get(label) ?? 1) === 1) sizes.set(label, dims[axis] as number);
    });
  });
  return sizes;
}

/** The operand without the axes of size one that others have larger. */
function withoutBroadcast(
  b: GraphBuilder,
  { value, labels }: Term,
  sizes: ReadonlyMap<string, number>,
): Term {
  const dims = b.dims(value);
  const axes = labels.flatMap((label, axis) => (dims[axis] === 1 && sizes.get(label) !== 1 ? [axis] : []));
  if (axes.length === 0) return { value, labels };
  return {
    value: b.op("Squeeze", [value, b.ints(axes)]),
    labels: labels.filter((_, axis) => !axes.includes(axis)),
  };
}

/**
 * ∂/∂operand: Einsum of the other terms onto the operand's labels. Labels found nowhere else come back as axes of size one,
 * which the walk repeats; so do broadcast axes, which the Einsum has summed over.
 */
function gradientOf(
  b: GraphBuilder,
  operand: string,
  labels: readonly string[],
  others: readonly Term[],
  sizes: ReadonlyMap<string, number>,
  fresh: readonly string[],
): string {
  const dims = b.dims(operand);
  const available = new Set(others.flatMap((term) => term.labels));
  const identities: Term[] = [];
  const missing: number[] = [];
  const target: string[] = [];
  labels.forEach((label, axis) => {
    const isBroadcast = dims[axis] === 1 && sizes.get(label) !== 1;
    if (labels.indexOf(label) !== axis) {
      const copy = fresh[identities.length] as string;
      identities.push({ value: identityMatrix(b, operand, axis), labels: [label, copy] });
      available.add(label);
      target.push(copy);
    } else if (isBroadcast || !(available.has(label) || labels.lastIndexOf(label) !== axis))
      missing.push(axis);
    else target.push(label);
  });
  const terms = [...others, ...identities];
  const inputs = terms.map((term) => term.labels.join("")).join(",");
  const equation = `${inputs}->${target.join("")}`;
  const gradient = b.op(
    "Einsum",
    terms.map((term) => term.value),
    { equation },
  );
  return missing.length === 0 ? gradient : b.op("Unsqueeze", [gradient, b.ints(missing)]);
}

/** The identity matrix of an axis's size, which repeats the label of an axis before it. */
function identityMatrix(b: GraphBuilder, operand: string, axis: number): string {
  const size = b.dims(operand)[axis] as number;
  if (size === BATCH) {
    throw new UnsupportedError("diagonal-of-batch", "an Einsum takes a diagonal over the batch axis.", {
      where: `value "${operand}"`,
      hint: "Fix the batch size of the model.",
    });
  }
  const values = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  return b.tensor(makeTensor(b.dataType(operand), [size, size], values), "identity");
}
