// The same network for pictures that have its input's size already: what is altered after resizing must not be resized again.
import type { PreprocessSpec } from "../images/preprocess-spec.ts";
import type { VisionModel } from "./vision-model.ts";

/** Neither scales nor crops a picture of the input's own size. */
const asIs = (spec: PreprocessSpec): PreprocessSpec => ({
  ...spec,
  resize: "squash",
  shortSide: Math.min(...spec.size),
});

/** For pictures that `fitImage` made with the model's own preprocessing. */
export const fitted = (model: VisionModel): VisionModel =>
  model.altered(
    {
      ...model.info,
      preprocessing: { ...model.info.preprocessing, spec: asIs(model.info.preprocessing.spec) },
    },
    "fitted",
  );
