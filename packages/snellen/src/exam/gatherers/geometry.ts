// What the graph alone says about which pixels its layers read: layers that can see no more, layers that read unevenly.
import { unevenSampling } from "../../receptive-field/dead-pixels/uneven-sampling.ts";
import { untrainedPadding } from "../../receptive-field/dead-pixels/untrained-padding.ts";
import { feasibleResolutions, unproductiveLayers } from "../../receptive-field/theoretical/unproductive.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { Geometry, Maker } from "../artifacts.ts";

export const geometry: Maker<"geometry"> = {
  id: "geometry",
  needs: [],
  make: (_, { model: { info } }): Geometry => ({
    input: info.input.size,
    isSizeOpen: isSizeOpen(info),
    unproductive: unproductiveLayers(info),
    resolutions: feasibleResolutions(info),
    offenders: unevenSampling(info),
    padded: untrainedPadding(info),
  }),
};

/** Height and width as the file declares them, both without a number. */
function isSizeOpen({ file, input }: DescribedModel): boolean {
  const dims = file.inputs.find(({ name }) => name === input.name)?.dims ?? [];
  const sides = input.layout === "NCHW" ? dims.slice(2) : dims.slice(1, 3);
  return sides.every((side) => typeof side !== "number" || side < 1);
}
