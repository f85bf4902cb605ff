// Width of Gaussian upsampling from the layer's own field: the standard deviations that its R was fitted with.
// Kim et al., arXiv:2001.05153: a cell's receptive field is Gaussian; arXiv:2108.13576: and this is how wide.
import { UsageError } from "@snellen/graph";
import { pixelSigma } from "../../cam/upsampling/sigma.ts";
import type { ImageInput } from "../../images/image.ts";
import type { Source } from "../../images/stream.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { fitGaussian, whyNoWidth } from "../size/gaussian-fit.ts";
import { accumulation } from "./accumulation.ts";
import { type FieldSum, fieldMapOf } from "./field-sum.ts";
import { type RunFieldsOptions, runFields } from "./run-fields.ts";

/**
 * Measures R of the layers over the images.
 * @returns for each layer its widths in pixels, as `sigma` of heat maps takes them
 * @throws UsageError `field-not-gaussian` where R of a layer has no Gaussian, and what `runFields` throws
 */
export async function erfSigma(
  model: VisionModel,
  layers: readonly FeatureLayer[],
  images: readonly Source<ImageInput>[],
  options: Omit<RunFieldsOptions, "progress"> = {},
): Promise<string> {
  const plan = { layers, accumulation: accumulation("dead-pixels") };
  const { sums } = await runFields(model, plan, images, options);
  const widths = layers.map(({ value }, l) => {
    const fit = fitGaussian(fieldMapOf(sums[l] as FieldSum));
    const reason = whyNoWidth(fit);
    if (fit.converged && reason === undefined) return pixelSigma(fit.sigmaY, fit.sigmaX);
    throw new UsageError("field-not-gaussian", `the field of "${value}" has no width: ${reason}`, {
      where: "--sigma erf",
      hint: "Look at it with snellen erf, and write --sigma stride or a number of pixels instead.",
    });
  });
  return widths.join(",");
}
