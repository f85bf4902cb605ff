// Tells a network from all others, so that a training goes on only with its own, wherever the file lies and whenever it was written.
import { modelChunks } from "@snellen/graph";
import { fingerprint } from "../datasets/pictures/fingerprint.ts";
import type { DescribedModel } from "../vision-model/describe.ts";

/**
 * Sixteen digits of a network's graph and numbers.
 * @param info a network whose weights are in memory
 */
export const networkVersion = ({ model }: Pick<DescribedModel, "model">): string =>
  fingerprint(modelChunks(model));
