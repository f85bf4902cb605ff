// What an operator does to a scaled value: the table of all rules.
import { movement } from "./movement.ts";
import { pointwise } from "./pointwise.ts";
import { products } from "./products.ts";
import { blends, type ScaleContext, type ScaleResult, type ScaleRules } from "./rule.ts";
import { sums } from "./sums.ts";

const RULES: ScaleRules = { ...movement, ...pointwise, ...products, ...sums };

/** The state of a node's outputs. An operator without a row bends the value. */
export function scaleThrough(context: ScaleContext): ScaleResult {
  const { opType, domain } = context.node;
  const rule = domain === "" && Object.hasOwn(RULES, opType) ? RULES[opType] : undefined;
  return (rule ?? blends("what is not known of"))(context);
}
