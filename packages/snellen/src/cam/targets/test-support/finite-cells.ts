// The oracle of targets: maps by finite differences in ONNX Runtime, on models whose layer `f` is the image times a matrix,
// pixel by pixel, so that scaling a pixel scales its features. Derived here.
import type { PreprocessedImage } from "../../../images/image.ts";
import { noise } from "../../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../../vision-model/vision-model.ts";
import type { CamMap } from "../../cam-map.ts";
import type { Target } from "../index.ts";

/** An image of seeded noise for a model, without preprocessing. */
export function tensorImage({ info }: VisionModel, seed: number, label = {}): PreprocessedImage {
  const [height, width] = info.input.size;
  const next = noise(seed);
  const values = Float32Array.from({ length: 3 * height * width }, next);
  return { ...label, source: `image ${seed}`, shape: [3, height, width], values };
}

/** Σ_k ∂score/∂f · f of layer `f`: HiResCAM. */
export const mapsOf = (
  model: VisionModel,
  images: readonly PreprocessedImage[],
  target: Target,
): Promise<CamMap[]> => model.cam(images, { method: "hires-cam", layer: "f", target });

/** The same by finite differences: how the score grows as a pixel does, in shares of the pixel. */
export async function finiteCells(
  model: VisionModel,
  image: PreprocessedImage,
  target: Target,
  step = 2e-2,
): Promise<number[]> {
  const [channels, height, width] = image.shape;
  const area = height * width;
  const scaled = (pixel: number, factor: number): PreprocessedImage => ({
    ...image,
    values: image.values.map((v, i) => (i % area === pixel ? v * factor : v)),
  });
  const versions = Array.from({ length: area }, (_, p) => [scaled(p, 1 + step), scaled(p, 1 - step)]).flat();
  if (channels !== 3) throw new Error("expected an image of three channels");
  const scores = (await mapsOf(model, versions, target)).map(({ score }) => score);
  return Array.from(
    { length: area },
    (_, p) => ((scores[2 * p] as number) - (scores[2 * p + 1] as number)) / (2 * step),
  );
}

/** The largest distance between cells. */
export const distance = (map: CamMap | undefined, cells: readonly number[]): number =>
  Math.max(...cells.map((v, i) => Math.abs(v - (map?.cells.values[i] ?? Number.NaN))));

/** Scores of three classes at 4 × 6 positions, linear in the features of every position. */
export const DENSE = `g (float[N,3,4,6] x, float[2,3,1,1] w, float[3,2,1,1] v) => (float[N,3,4,6] y)
  { f = Conv (x, w) y = Conv (f, v) }`;

/** The same scores at a third of the rows and columns, by an average. */
export const COARSE = `g (float[N,3,6,12] x, float[2,3,1,1] w, float[3,2,1,1] v) => (float[N,3,2,4] y)
  { f = Conv (x, w) p = AveragePool <kernel_shape = [3, 3], strides = [3, 3]> (f) y = Conv (p, v) }`;
