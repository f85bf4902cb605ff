// The registry of losses.
import { findById } from "../../find-by-id.ts";
import { binary } from "./binary.ts";
import { crossEntropy } from "./cross-entropy.ts";
import type { Loss } from "./loss.ts";
import { meanSquared } from "./mean-squared.ts";

/** All losses that networks can be trained by. */
export const losses: readonly Loss[] = [crossEntropy, binary, meanSquared];

/**
 * The loss of an id.
 * @throws UsageError `unknown-loss`
 */
export const loss = (id: string): Loss =>
  findById(losses, id, { code: "unknown-loss", what: "loss", flag: "--loss" });
