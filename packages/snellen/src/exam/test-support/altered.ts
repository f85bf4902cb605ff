// Small networks and pictures for tests of the gatherers that alter pictures.
import type { Image, ImageInput, ImageLabel } from "../../images/image.ts";
import { noise } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { GatherContext, ImageSet } from "../artifacts.ts";
import { prediction } from "./artifacts.ts";

/** Five scores of 32 x 32 pixels. */
export const CNN = `<ir_version: 9, opset_import: ["": 18]> g (float[N,3,32,32] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
  { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;

/** Sixteen patches of 8 x 8 pixels, positions added, then a layer over their mean. */
export const VIT = `<ir_version: 9, opset_import: ["": 18]> g (float[N,3,32,32] x, float[8,3,8,8] w, float[1,16,8] pos, float[8,8] a, float[8,5] wy) => (float[N,5] y)
  <int64[3] tokens = {0, 8, 16}> { c = Conv <strides = [8,8]> (x, w) r = Reshape (c, tokens) t = Transpose <perm = [0,2,1]> (r)
    z = Add (t, pos) h = MatMul (z, a) f = Relu (h) u = Transpose <perm = [0,2,1]> (f) p = GlobalAveragePool (u) q = Flatten (p) y = Gemm (q, wy) }`;

/** Patches of noise around a grey of their own, 40 x 36. */
export const picture = (seed: number, label: ImageLabel = {}): Image => {
  const next = noise(seed);
  const [red, green, blue] = [next(), next(), next()];
  return {
    width: 40,
    height: 36,
    data: Uint8Array.from({ length: 40 * 36 * 3 }, (_, i) =>
      Math.max(0, Math.min(255, 128 + 60 * ([red, green, blue][i % 3] as number) + 40 * next())),
    ),
    source: `${seed}.png`,
    ...label,
  };
};

/** Labelled as the model predicts them, the last `wrong` of them as it does not. */
export async function labelled(model: VisionModel, count: number, wrong = 0): Promise<Image[]> {
  const pictures = Array.from({ length: count }, (_, i) => picture(i + 1));
  const found = await model.predict(pictures);
  return pictures.map((own, i) => {
    const classIndex = found[i]?.classIndex as number;
    return { ...own, classIndex: i < count - wrong ? classIndex : (classIndex + 1) % 5 };
  });
}

export interface CountedSet extends ImageSet {
  /** How often an image was read. */
  readonly reads: () => number;
}

export function imageSet(images: readonly ImageInput[]): CountedSet {
  let reads = 0;
  const entries = images.map((image) => ({
    source: image.source,
    label: image,
    read: async () => {
      reads++;
      return image;
    },
  }));
  return { name: "all", entries, reads: () => reads };
}

export const contextOf = (
  model: VisionModel,
  images: ImageSet,
  changes: Partial<GatherContext> = {},
): GatherContext => ({ model, modelName: "m", images, batch: 4, ...changes });

/** That all images were read. */
export const predictions = (images: ImageSet) => images.entries.map((_, i) => prediction(i));
