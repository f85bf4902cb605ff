// Where an operator has a rule, but not for the way in which a node uses it.
import { describeNode, type GraphBuilder, type Node, UnsupportedError } from "@snellen/graph";

export const refusal = (node: Node, reason: string): UnsupportedError =>
  new UnsupportedError("no-gradient-form", `it has no gradient here: ${reason}.`, {
    where: describeNode(node),
    hint: "Differentiate with respect to a value after this node (--wrt).",
  });

/** Contents of an input that the rule needs to know. */
export function constantOf(b: GraphBuilder, node: Node, value: string): readonly number[] {
  const values = b.constant(value);
  if (values === undefined) throw refusal(node, `"${value}" is computed`);
  return values;
}
