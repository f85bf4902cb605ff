// How many numbers a model learned: its floating-point constants, and those that were quantized to bytes.
import { elementCount } from "@snellen/graph";
import type { DescribedModel } from "./describe.ts";

const LEARNED = /^(float|bfloat16|u?int[48]$)/;

/** Elements of all constants that may be weights, biases or statistics. */
export const parameterCount = ({ model }: Pick<DescribedModel, "model">): number =>
  [...model.graph.initializers.values()]
    .filter(({ dataType }) => LEARNED.test(dataType))
    .reduce((count, { dims }) => count + elementCount(dims), 0);
