// The methods that a network allows and that take one run, not one a channel: what the exam and the sanity check run.
import type { VisionModel } from "../vision-model/vision-model.ts";
import type { CamMethod } from "./method.ts";
import { camMethods } from "./methods/index.ts";
import { whyNot } from "./requirements.ts";

/** At the default layer; of a network without one, those that need none. */
export function quickMethods({ info }: VisionModel): CamMethod[] {
  const layer = info.layers.default;
  return camMethods.filter((method) => {
    if (method.kind === "pixels") return true;
    return method.kind === "layer" && layer !== undefined && whyNot(info, method, layer) === undefined;
  });
}
