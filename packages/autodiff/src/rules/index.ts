// The table of gradient rules, one per operator; families in the files beside this one.
import type { Node } from "@snellen/graph";
import type { Rule } from "../rule.ts";
import * as elementwise from "./elementwise.ts";
import * as matmul from "./matmul.ts";

const RULES: Readonly<Record<string, Rule | undefined>> = { ...elementwise, ...matmul };

/** The rule of a node's operator, or undefined when there is none. */
export const ruleFor = (node: Node): Rule | undefined =>
  node.domain === "" ? RULES[node.opType] : undefined;
