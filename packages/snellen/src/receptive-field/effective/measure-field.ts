// The field of one layer over images, from images to numbers: what `model.erf` does.
// Kim et al., arXiv:2108.13576, Algorithm 1 and section 3.
import type { ImageInput } from "../../images/image.ts";
import type { Source } from "../../images/stream.ts";
import { resolveFieldLayer } from "../../vision-model/resolve-layer.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { accumulation as accumulationOf } from "./accumulation.ts";
import type { FieldMap } from "./field-map.ts";
import { type FieldSum, fieldMapOf } from "./field-sum.ts";
import { type FieldSummary, summarizeField, summaryContext } from "./field-summary.ts";
import { type RunFieldsOptions, runFields } from "./run-fields.ts";

/** Which layer's field is measured, and how gradients are accumulated. */
export interface MeasureFieldOptions extends Omit<RunFieldsOptions, "progress"> {
  /** Value or node name, or a part of one; default `auto`. */
  readonly layer?: string;
  /** Default `dead-pixels`. */
  readonly accumulation?: string;
}

/** A layer's effective receptive field: what `model.erf` gives. */
export interface MeasuredField extends FieldSummary {
  /** R. */
  readonly map: FieldMap;
}

/** @throws UsageError `unknown-accumulation`, what `resolveFieldLayer` and `runFields` throw */
export async function measureField(
  model: VisionModel,
  images: readonly Source<ImageInput>[],
  { layer: wanted = "auto", accumulation: id = "dead-pixels", ...options }: MeasureFieldOptions = {},
): Promise<MeasuredField> {
  const layer = resolveFieldLayer(model.info, wanted);
  const accumulation = accumulationOf(id);
  const { sums } = await runFields(model, { layers: [layer], accumulation }, images, options);
  const sum = sums[0] as FieldSum;
  const map = fieldMapOf(sum);
  return { ...summarizeField(layer, map, summaryContext(model.info, layer, accumulation, sum)), map };
}
