// The registry of optimizers.
import { findById } from "../../find-by-id.ts";
import { adamw } from "./adamw.ts";
import type { Optimizer } from "./optimizer.ts";
import { nesterov, sgd } from "./sgd.ts";

export const optimizers: readonly Optimizer[] = [sgd, nesterov, adamw];

/** @throws UsageError `unknown-optimizer` */
export const optimizer = (id: string): Optimizer =>
  findById(optimizers, id, { code: "unknown-optimizer", what: "optimizer", flag: "--optimizer" });
