// Layers whose mean over channels no pixel moves: a LayerNormalization of each position has taken the mean off, and with one γ for all
// channels, as every network begins with, what is left is the mean of β. Their gradient is zero, and what is computed is rounding.
import { type GraphIndex, indexGraph } from "@snellen/graph";
import { findNormalizations } from "../../normalization/find-normalizations.ts";
import { isConstant, numbersOf } from "../../normalization/forms/support.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { Accumulation } from "./accumulation.ts";

/** Operators that lay channels out anew. */
const MOVERS = /^(Cast|Dropout|Flatten|Identity|Reshape|Squeeze|Transpose|Unsqueeze)$/;

/** Whether the layer's R under this accumulation is zero for every image, whatever the network's other weights. */
export function hasConstantMean(
  { model, shapes }: Pick<DescribedModel, "model" | "shapes">,
  layer: FeatureLayer,
  accumulation: Accumulation,
): boolean {
  if (!accumulation.isOfMean) return false;
  const index = indexGraph(model);
  const origins = handedOn(index, layer.value);
  return findNormalizations(model, shapes).some(
    ({ kind, acrossPositions, output, normalized, channels, scale }) =>
      kind === "layer" &&
      !acrossPositions &&
      channels === layer.channels &&
      (origins.includes(output)
        ? isOfEquals(index, scale)
        : normalized !== output && origins.includes(normalized)),
  );
}

/** The value, and those before it was laid out anew and constants, such as positions, were added. */
function handedOn(index: GraphIndex, value: string): string[] {
  const node = index.producer(value);
  const [first, ...others] = node?.inputs.filter((name) => !isConstant(index, name)) ?? [];
  const isHanded = node !== undefined && (MOVERS.test(node.opType) || node.opType === "Add");
  return [value, ...(isHanded && first !== undefined && others.length === 0 ? handedOn(index, first) : [])];
}

/** γ that differ by less than the rounding of a mean are equal. */
const NEARLY = 1e-6;

function isOfEquals(index: GraphIndex, scale: string | null): boolean {
  if (scale === null) return true;
  const numbers = numbersOf(index, scale);
  const first = numbers?.[0] ?? Number.NaN;
  return numbers?.every((n) => Math.abs(n - first) <= NEARLY * Math.abs(first)) === true;
}
