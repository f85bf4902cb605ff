// The table of gradient rules, one per operator; families in the files beside this one. A file of a family exports rules only.
import type { Node } from "@snellen/graph";
import type { Rule } from "../rule.ts";
import * as activations from "./activations.ts";
import * as control from "./control.ts";
import * as conv from "./conv.ts";
import * as einsum from "./einsum.ts";
import * as elementwise from "./elementwise.ts";
import * as indexing from "./indexing.ts";
import * as matmul from "./matmul.ts";
import * as movement from "./movement.ts";
import * as normalization from "./normalization.ts";
import * as pool from "./pool.ts";
import * as quantization from "./quantization.ts";
import * as reduction from "./reduction.ts";
import * as resize from "./resize.ts";
import * as softmax from "./softmax.ts";
import * as spatial from "./spatial.ts";
import * as spectral from "./spectral.ts";

const RULES = {
  ...elementwise,
  ...activations,
  ...reduction,
  ...movement,
  ...indexing,
  ...matmul,
  ...einsum,
  ...control,
  ...conv,
  ...pool,
  ...resize,
  ...normalization,
  ...softmax,
  ...spectral,
  ...quantization,
  ...spatial,
} satisfies Readonly<Record<string, Rule>>;

/** Operators that a gradient can be taken through, or that are known to have a zero one. */
export type SupportedOperator = keyof typeof RULES;

export const supportedOperators = Object.keys(RULES).sort() as readonly SupportedOperator[];

const byName: Readonly<Record<string, Rule | undefined>> = RULES;

/** The rule of a node's operator, or undefined when there is none. */
export const ruleFor = (node: Node): Rule | undefined =>
  node.domain === "" ? byName[node.opType] : undefined;
