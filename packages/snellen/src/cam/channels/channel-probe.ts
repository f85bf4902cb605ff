// What methods get that weigh channels by running the network again: the model, the layer, one image and what is explained.
import type { ImageInput } from "../../images/image.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { BoundTarget } from "../targets/target.ts";

export interface ChannelProbe {
  readonly model: VisionModel;
  readonly layer: FeatureLayer;
  readonly image: ImageInput;
  readonly target: BoundTarget;
  readonly signal?: AbortSignal;
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}
