// How well the maps of each method find annotated objects, at the default layer and at the last layer of coarser and finer grids.

import { measure } from "../../cam/measures/index.ts";
import { type Summary, summarize } from "../../cam/measures/statistics.ts";
import { quickMethods } from "../../cam/quick-methods.ts";
import { type Configuration, possible, type StudyRow, studyImage, valuesOf } from "../../cam/study.ts";
import { evenly } from "../../images/evenly.ts";
import { isAnnotated } from "../../images/image.ts";
import { unlessUnreadable } from "../../images/stream.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { GatherContext, Localization, Maker } from "../artifacts.ts";
import { imageBatches } from "../batches.ts";

/** Enough for intervals that tell good from bad. */
const SAMPLE = 24;
/** Layers tried at most. */
const LAYERS = 3;

const MEASURES = ["energy", "iou", "pointing-game"] as const;

export const localization: Maker<"localization", "predictions"> = {
  id: "localization",
  needs: ["predictions"],
  async make(_, context) {
    const { model, images } = context;
    if (model.info.layers.default === undefined) return undefined;
    const annotated = images.entries.flatMap((entry, i) => (isAnnotated(entry.label) ? [i] : []));
    if (annotated.length === 0) return undefined;
    const sample = evenly(annotated, SAMPLE);
    const layers = layersOf(model);
    const configurations = configurationsOf(model, layers);
    const rows = await rowsOf(context, sample, configurations);
    return summed(rows, configurations, layers);
  },
};

/** The default layer, and the last ones of the next finer grids that the default's operator also ends. */
function layersOf({ info: { layers } }: VisionModel): FeatureLayer[] {
  const found = layers.default as FeatureLayer;
  const cells = ({ layout }: FeatureLayer) => layout.grid[0] * layout.grid[1];
  const byGrid = new Map<number, FeatureLayer>();
  for (const layer of layers.layers) if (layer.opType === found.opType) byGrid.set(cells(layer), layer);
  byGrid.set(cells(found), found);
  return [...byGrid.values()].sort((a, b) => cells(a) - cells(b)).slice(0, LAYERS);
}

function configurationsOf(model: VisionModel, layers: readonly FeatureLayer[]): Configuration[] {
  const methods = quickMethods(model);
  const wanted = layers.flatMap(({ value }, l) =>
    methods
      // maps by the pixel are the same at every layer
      .filter(({ kind }) => kind === "layer" || l === 0)
      .map(({ id }) => ({
        name: `${id} ${value}`,
        method: id,
        upsampling: "gaussian",
        options: { layer: value },
      })),
  );
  return possible(model, wanted).allowed;
}

async function rowsOf(
  context: GatherContext,
  sample: readonly number[],
  configurations: readonly Configuration[],
): Promise<StudyRow[]> {
  const { model, readMask, signal, onProgress, onSkip = () => undefined } = context;
  const measures = MEASURES.map(measure);
  const rows: StudyRow[] = [];
  let done = 0;
  for await (const part of imageBatches(context, sample)) {
    for (const { image } of part) {
      const score = () => studyImage(model, image, { configurations, measures, readMask, signal });
      rows.push(...((await unlessUnreadable(image.source, score, onSkip)) ?? []));
      onProgress?.("localization", ++done / sample.length);
    }
  }
  return rows;
}

function summed(
  rows: readonly StudyRow[],
  configurations: readonly Configuration[],
  layers: readonly FeatureLayer[],
): Localization | undefined {
  const score = (name: string, id: (typeof MEASURES)[number]): Summary => summarize(valuesOf(rows, name, id));
  const found = configurations.map(({ name, method, options }) => ({
    method,
    layer: options.layer as string,
    grid: (layers.find(({ value }) => value === options.layer) as FeatureLayer).layout.grid,
    energy: score(name, "energy"),
    iou: score(name, "iou"),
    pointing: score(name, "pointing-game"),
  }));
  const images = Math.max(0, ...found.map(({ energy }) => energy.count));
  const areas = new Map(rows.flatMap(({ image, area }) => (area === null ? [] : [[image, area] as const])));
  const chance = summarize([...areas.values()]).mean ?? 0;
  return images === 0 ? undefined : { images, chance, rows: found };
}
