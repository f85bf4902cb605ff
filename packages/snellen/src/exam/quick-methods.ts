// The CAM methods that an exam runs: those that the network allows and that take one run, not one a channel.
import { whyNot } from "../cam/cam-graph.ts";
import type { CamMethod } from "../cam/method.ts";
import { camMethods } from "../cam/methods/index.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";

export function quickMethods(model: VisionModel): CamMethod[] {
  const layer = model.layer();
  return camMethods.filter(
    (method) => method.kind !== "channels" && whyNot(model.info, method, layer) === undefined,
  );
}
