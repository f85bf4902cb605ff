// Every ONNX form of a normalization. To add one: write its file, then its line here.
import type { NormalizationForm } from "../normalization.ts";
import { batchNormalization } from "./batch-normalization.ts";
import { groupNormalization } from "./group-normalization.ts";
import { instanceNormalization } from "./instance-normalization.ts";
import { layerNormalization } from "./layer-normalization.ts";
import { meanVarianceNormalization } from "./mean-variance-normalization.ts";
import { reshapedInstanceNormalization } from "./reshaped-instance-normalization.ts";
import { reshapedLayerNormalization } from "./reshaped-layer-normalization.ts";
import { rmsNormalization } from "./rms-normalization.ts";
import { skipNormalization } from "./skip-normalization.ts";
import { writtenOutNormalization, writtenOutRmsNormalization } from "./written-out-normalization.ts";

/** In order of claim: what an earlier form takes is not looked at by a later one. */
export const normalizationForms: readonly NormalizationForm[] = [
  reshapedInstanceNormalization,
  reshapedLayerNormalization,
  groupNormalization,
  batchNormalization,
  instanceNormalization,
  layerNormalization,
  rmsNormalization,
  skipNormalization,
  meanVarianceNormalization,
  writtenOutNormalization,
  writtenOutRmsNormalization,
];
