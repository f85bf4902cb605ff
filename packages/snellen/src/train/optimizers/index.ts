// The registry of optimizers.
import { findById } from "../../find-by-id.ts";
import { adamw } from "./adamw.ts";
import type { Optimizer } from "./optimizer.ts";
import { nesterov, sgd } from "./sgd.ts";

/** All optimizers. */
export const optimizers: readonly Optimizer[] = [sgd, nesterov, adamw];

/**
 * The optimizer of an id.
 * @throws UsageError `unknown-optimizer`
 */
export const optimizer = (id: string): Optimizer =>
  findById(optimizers, id, { code: "unknown-optimizer", what: "optimizer", flag: "--optimizer" });
