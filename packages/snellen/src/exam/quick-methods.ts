// The CAM methods that an exam runs: those that the network allows and that take one run, not one a channel.
import type { CamMethod } from "../cam/method.ts";
import { camMethods } from "../cam/methods/index.ts";
import { whyNot } from "../cam/requirements.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";

export function quickMethods(model: VisionModel): CamMethod[] {
  const layer = model.layer();
  return camMethods.filter(
    (method) => method.kind !== "channels" && whyNot(model.info, method, layer) === undefined,
  );
}
