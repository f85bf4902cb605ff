// Reverse-mode differentiation: walks the nodes between `wrt` and `of` backwards and adds vector–Jacobian products.
// The walk carries the burden (reachability, accumulation, broadcasting, arity); the rules carry the calculus.
import {
  capturedBy,
  describeNode,
  type GraphBuilder,
  InternalError,
  type Node,
  opsetOf,
  subgraphsOf,
  UnsupportedError,
} from "@snellen/graph";
import { expandToShape, sumToShape } from "./broadcast.ts";
import { findPath } from "./path.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { ruleFor } from "./rules/index.ts";

/**
 * Adds to `b` the gradients of `Σ seed · of` with respect to each value of `wrt` (vector–Jacobian products).
 * @param seeds differentiated value → name of the value that holds its output gradient, of the same shape
 * @param wrt values to differentiate by: graph inputs, initializers or intermediate values
 * @param instead rules that take the place of operators' own, for gradients that are no derivatives (guided backpropagation)
 * @returns for each of `wrt`, the name of its gradient, of the same shape
 * @throws UnsupportedError `no-gradient-rule` when an operator on the path has no rule, `no-gradient-path` when a value of
 *   `wrt` does not influence any seeded value through floating-point tensors
 */
export function backpropagate(
  b: GraphBuilder,
  seeds: ReadonlyMap<string, string>,
  wrt: readonly string[],
  instead: (node: Node) => Rule | undefined = () => undefined,
): Map<string, string> {
  const { graph } = b.build();
  const path = findPath(graph.nodes, { of: seeds.keys(), wrt, shapes: b.shapes });
  const targets = new Set(wrt);
  const gradients = new Map<string, string[]>();
  for (const [value, seed] of seeds) gradients.set(value, [seed]);

  for (const node of [...path.nodes].reverse()) {
    const dys = node.outputs.map((name) => sumOf(b, gradients, name));
    if (dys.every((dy) => dy === undefined)) continue;
    const rule = instead(node) ?? ruleOf(b, node);
    for (const [name, gradient] of applyRule(b, node, rule, dys, path.values, targets)) {
      gradients.set(name, [...(gradients.get(name) ?? []), gradient]);
    }
  }
  return new Map(
    wrt.map((value) =>
      b.scoped(`grad/${value}`, () => {
        const gradient = sumOf(b, gradients, value);
        if (gradient === undefined) throw noPath(value, seeds);
        return [value, expandToShape(b, gradient, value)];
      }),
    ),
  );
}

function noPath(value: string, seeds: ReadonlyMap<string, string>): UnsupportedError {
  return new UnsupportedError("no-gradient-path", `no gradient reaches "${value}".`, {
    where: `differentiate "${[...seeds.keys()].join('", "')}"`,
    hint: "The value does not influence what is differentiated, or only through integers (shapes, indices, comparisons).",
  });
}

/** The sum of a value's contributions; undefined when there are none. */
function sumOf(b: GraphBuilder, gradients: Map<string, string[]>, value: string): string | undefined {
  const parts = gradients.get(value);
  if (parts === undefined || parts.length === 0) return undefined;
  const sum = parts.reduce((a, c) => b.op("Add", [a, c]));
  gradients.set(value, [sum]);
  return sum;
}

function applyRule(
  b: GraphBuilder,
  node: Node,
  rule: Rule,
  dys: readonly (string | undefined)[],
  active: ReadonlySet<string>,
  targets: ReadonlySet<string>,
): [string, string][] {
  const captured = new Set(subgraphsOf(node).flatMap(capturedBy));
  const added: [string, string][] = [];
  const full = (i: number): string | undefined => {
    const dy = dys[i];
    return dy === undefined ? undefined : expandToShape(b, dy, node.outputs[i] as string);
  };
  const ofUsed = (gradient: string | undefined): string => {
    if (gradient !== undefined) return gradient;
    throw new InternalError("rule reads the gradient of an unused output", { where: describeNode(node) });
  };
  const context: RuleContext = {
    b,
    node,
    x: node.inputs,
    y: node.outputs,
    get dy() {
      return ofUsed(full(0));
    },
    get compactDy() {
      return ofUsed(dys[0]);
    },
    get dys() {
      return dys.map((_, i) => full(i));
    },
    needs: (i) => active.has(node.inputs[i] ?? ""),
    isTarget: (i) => targets.has(node.inputs[i] ?? ""),
    captured: {
      needed: [...captured].filter((name) => active.has(name)),
      add: (value, gradient) => added.push([value, sumToShape(b, gradient, value)]),
    },
  };
  return b.scoped(`grad/${node.name || node.outputs[0]}`, () => {
    const gradients = rule(context);
    if (gradients.some((gradient, i) => gradient !== null && i >= node.inputs.length)) {
      throw new InternalError(`rule gave ${gradients.length} gradients for ${node.inputs.length} inputs`, {
        where: describeNode(node),
      });
    }
    const byInput = gradients.flatMap((gradient, i): [string, string][] => {
      const input = node.inputs[i] ?? "";
      if (gradient === null || !active.has(input)) return [];
      return [[input, sumToShape(b, gradient, input)]];
    });
    return [...byInput, ...added];
  });
}

function ruleOf(b: GraphBuilder, node: Node): Rule {
  const rule = ruleFor(node);
  if (rule !== undefined) return rule;
  throw new UnsupportedError(
    "no-gradient-rule",
    `operator ${node.opType} has no gradient rule (opset ${opsetOf(b.build())}).`,
    {
      where: describeNode(node),
      hint: "Differentiate with respect to a value after this node (--wrt), or up to one before it (--of).",
    },
  );
}
