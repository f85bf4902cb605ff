// What gains are measured on where no images are given: Gaussian pictures in the network's own units.
import type { PreprocessedImage } from "../../images/image.ts";
import { channelCount } from "../../images/preprocess-spec.ts";
import { withValues } from "../../images/preprocessed.ts";
import { gaussians } from "../../random.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";

/** Pixels of a network of bytes: the middle of the range, and a spread that stays inside it. */
const BYTES = { mean: 127.5, deviation: 50 };

/** Pictures of independent normal pixels, mean 0 and variance 1 (127.5 and 50² for a network of bytes); equal seeds, equal pictures. */
export function gaussianImages(info: DescribedModel, count: number, seed: number): PreprocessedImage[] {
  const { spec } = info.preprocessing;
  const [height, width] = spec.size;
  const shape = [channelCount(spec.channels), height, width] as const;
  const { mean, deviation } = spec.dtype === "uint8" ? BYTES : { mean: 0, deviation: 1 };
  return Array.from({ length: count }, (_, i) => {
    const values = gaussians(shape[0] * height * width, seed, i).map((z) => mean + deviation * z);
    return withValues(spec, { source: `gaussian-${i}`, shape, values }, values);
  });
}
