// A picture as the tensor that the network gets, so that methods may alter it (mask it, mirror it) and run it again.
import { halfToFloat } from "@snellen/graph";
import { type ImageInput, isPreprocessed, type PreprocessedImage } from "./image.ts";
import { createBatch, preprocess } from "./preprocess.ts";
import { channelCount, type PreprocessSpec } from "./preprocess-spec.ts";

/** Float32 [C, H, W] in the network's own units, whatever layout and type it takes; what is known of the image stays. */
export function preprocessedOf(spec: PreprocessSpec, image: ImageInput): PreprocessedImage {
  if (isPreprocessed(image)) return image;
  const [height, width] = spec.size;
  const channels = channelCount(spec.channels);
  const { values } = createBatch(spec, 1);
  preprocess(image, spec, values, 0);
  const area = height * width;
  const out = new Float32Array(channels * area);
  const [pixel, channel] = spec.layout === "NCHW" ? [1, area] : [channels, 1];
  const read = spec.dtype === "float16" ? halfToFloat : (value: number) => value;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < area; i++) out[c * area + i] = read(values[c * channel + i * pixel] as number);
  const { width: _, height: __, data: ___, ...known } = image;
  return { ...known, shape: [channels, height, width], values: out };
}

/** The picture with other values, [C, H, W]; a network of bytes sees whole numbers from 0 to 255 only. */
export const withValues = (
  { dtype }: PreprocessSpec,
  image: PreprocessedImage,
  values: Float32Array,
): PreprocessedImage => ({
  ...image,
  values: dtype === "uint8" ? values.map((v) => Math.min(Math.max(Math.round(v), 0), 255)) : values,
});
