// How alike maps stay when the network's weights are randomized from the scores downwards, for every method that takes one run.
// Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018, arXiv:1810.03292 (cascading randomization, |Spearman|).
import type { CamMap } from "../../cam/cam-map.ts";
import { similarity } from "../../cam/map-similarity.ts";
import { randomizeWeights, weightedLayers } from "../../cam/sanity-check.ts";
import { classTarget } from "../../cam/targets/class.ts";
import type { ImageInput } from "../../images/image.ts";
import type { GatherContext, Maker, Sanity } from "../artifacts.ts";
import { imageBatches } from "../batches.ts";
import { quickMethods } from "../quick-methods.ts";

/** Each costs a run a level; the effect is large. */
const SAMPLE = 4;
/** Shares of the weighted layers that are randomized, from the scores downwards; the first level is the last layer alone. */
const SHARES = [0, 0.25, 0.5, 1];
const SEED = 1;

export const sanity: Maker<"sanity", "predictions"> = {
  id: "sanity",
  needs: ["predictions"],
  async make({ predictions }, context): Promise<Sanity | undefined> {
    const { model, onProgress } = context;
    const { info } = model;
    if (info.layers.default === undefined) return undefined;
    const layers = weightedLayers(info.model, info.shapes, info.logits.value).length;
    const step = Math.max(1, Math.floor(predictions.length / SAMPLE));
    const sample = predictions.filter((_, i) => i % step === 0).slice(0, SAMPLE);
    const images: ImageInput[] = [];
    for await (const part of imageBatches(
      context,
      sample.map(({ index }) => index),
    ))
      images.push(...part.map(({ image }) => image));
    if (images.length === 0 || layers === 0) return undefined;
    // the class that the network itself sees, whatever the random one would
    const classes = new Map(sample.map(({ source, top }) => [source, top[0]?.classIndex ?? 0]));
    const own = await mapsOf(context, images, classes, 0);
    const levels = [...new Set(SHARES.map((share) => Math.max(1, Math.ceil(share * layers))))];
    const found = own[0]?.map(({ method }) => ({ method, similarity: [] as number[] })) ?? [];
    for (const [l, fromTop] of levels.entries()) {
      const random = await mapsOf(context, images, classes, fromTop);
      found.forEach((row, m) => {
        const alike = images.map((_, i) => {
          const pair = [own[i]?.[m], random[i]?.[m]] as [CamMap, CamMap];
          return Math.abs(similarity(pair[0].cells, pair[1].cells).rankCorrelation ?? 0);
        });
        row.similarity.push(alike.reduce((sum, v) => sum + v, 0) / alike.length);
      });
      onProgress?.("sanity check", (l + 1) / levels.length);
    }
    return { images: images.length, levels, layers, rows: found };
  },
};

/** Maps of each image by every quick method, with the last `fromTop` layers' weights randomized. */
async function mapsOf(
  { model, signal }: GatherContext,
  images: readonly ImageInput[],
  classes: ReadonlyMap<string, number>,
  fromTop: number,
): Promise<CamMap[][]> {
  const { info } = model;
  const methods = quickMethods(model).map(({ id }) => id);
  const network = () => {
    if (fromTop === 0) return model;
    const random = randomizeWeights(info.model, info.shapes, {
      fromTop,
      seed: SEED,
      scores: info.logits.value,
    });
    return model.altered({ ...info, model: random.model, shapes: random.shapes }, `random ${fromTop}`);
  };
  const { kind } = classTarget(info, 0);
  const target = {
    kind,
    name: "seen",
    feed: ({ source }: { source: string }) => [[classes.get(source) ?? 0]],
  };
  return await network().cams(images, methods, { target, signal });
}
