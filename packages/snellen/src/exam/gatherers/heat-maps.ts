// Heat maps of the images most worth looking at, with the pictures as the network saw them.
import { pictureOf } from "../../vision-model/picture.ts";
import type { GatherContext, HeatMap, Maker } from "../artifacts.ts";
import { imageBatches } from "../batches.ts";

export const heatMaps: Maker<"heatMaps", "extremes"> = {
  id: "heatMaps",
  needs: ["extremes"],
  async make({ extremes }, context) {
    if (context.model.info.layers.default === undefined) return { worst: [], best: [] };
    return { worst: await mapsOf(extremes.worst, context), best: await mapsOf(extremes.best, context) };
  },
};

async function mapsOf(indices: readonly number[], context: GatherContext): Promise<HeatMap[]> {
  const { model, signal, onProgress } = context;
  const found: HeatMap[] = [];
  for await (const part of imageBatches(context, indices)) {
    const maps = await model.cam(
      part.map((p) => p.image),
      { method: "extended-cam", upsampling: "gaussian", signal },
    );
    maps.forEach((map, i) => {
      const { index, image } = part[i] as (typeof part)[number];
      found.push({ index, map, picture: pictureOf(model.info, image) });
    });
    onProgress?.("heat maps", found.length / Math.max(1, indices.length));
  }
  return found;
}
