// Opens operators that have no gradient rule into operators that have, where a gradient has to pass them and nowhere else.
import { EXPANDABLE_OPERATORS, expandOperators, type Model, type Node, type Shapes } from "@snellen/graph";
import { findPath } from "./path.ts";
import { ruleFor } from "./rules/index.ts";

/** Expansions may leave operators that need one themselves; none nests deeper. */
const MAX_ROUNDS = 4;

/**
 * Replaces operators without a rule on the way from `wrt` to `of` by simpler ones (attention, recurrent layers, fused and
 * quantized operators, …). Values keep their names.
 * @returns the same model where nothing had to be done; an operator without rule and expansion stays
 * @throws UnsupportedError `cannot-expand` with node and reason
 */
export function expandOnPath(
  model: Model,
  shapes: Shapes,
  ends: { readonly of: readonly string[]; readonly wrt: readonly string[] },
): { model: Model; shapes: Shapes } {
  let current = { model, shapes };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const path = findPath(current.model.graph.nodes, { ...ends, shapes: current.shapes });
    const open = new Set(path.nodes.filter((node) => ruleFor(node) === undefined));
    const ops = new Set([...open].map(operatorOf).filter((op) => EXPANDABLE_OPERATORS.has(op)));
    if (ops.size === 0) return current;
    current = expandOperators(current.model, current.shapes, ops, (node) => open.has(node));
  }
  return current;
}

const operatorOf = (node: Node): string =>
  node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
