// The registry of losses.
import { findById } from "../../find-by-id.ts";
import { binary } from "./binary.ts";
import { crossEntropy } from "./cross-entropy.ts";
import type { Loss } from "./loss.ts";
import { meanSquared } from "./mean-squared.ts";

export const losses: readonly Loss[] = [crossEntropy, binary, meanSquared];

/** @throws UsageError `unknown-loss` */
export const loss = (id: string): Loss =>
  findById(losses, id, { code: "unknown-loss", what: "loss", flag: "--loss" });
