// The maps of a study: one an image and configuration, in few sessions, as each holds a graph and the weights in packed form.
import type { ImageInput, PreprocessedImage } from "../images/image.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import type { CamMap, Grid } from "./cam-map.ts";
import { camMethod } from "./methods/index.ts";
import { type CamOptions, runCamsApart } from "./run-cams.ts";
import type { Configuration } from "./study.ts";

/** What is the same for all configurations. */
type Shared = Pick<CamOptions, "target" | "signal">;

/** Altered images in a run at most: of each, the one graph makes the maps of all methods. */
const AT_ONCE = 4;

/** Configurations that come from one graph, by their place among all. */
interface Group {
  readonly indices: readonly number[];
  readonly methods: readonly string[];
  readonly options: Omit<CamOptions, "method">;
}

/**
 * Those that differ by their method alone are one group. Maps by the pixel are apart: they go back through the whole network,
 * others through what lies behind the layer.
 */
function groupsOf(configurations: readonly Configuration[], shared: Shared): Group[] {
  const groups = new Map<string, number[]>();
  for (const [i, { method, upsampling, options }] of configurations.entries()) {
    const key = JSON.stringify([camMethod(method).kind === "pixels", upsampling, options]);
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  return [...groups.values()].map((indices) => {
    const { upsampling, options } = configurations[indices[0] as number] as Configuration;
    const methods = indices.map((i) => (configurations[i] as Configuration).method);
    return { indices, methods, options: { ...options, ...shared, upsampling } };
  });
}

/** One map a configuration. */
export async function mapsOf(
  model: VisionModel,
  image: ImageInput,
  configurations: readonly Configuration[],
  shared: Shared,
): Promise<CamMap[]> {
  const made: CamMap[] = [];
  for (const { indices, methods, options } of groupsOf(configurations, shared)) {
    const [maps] = await model.cams([image], methods, options);
    indices.forEach((i, m) => {
      made[i] = (maps as CamMap[])[m] as CamMap;
    });
  }
  return made;
}

/**
 * Each configuration's map of its own altered image; undefined where it has none. Groups go through the sessions of `mapsOf`, the
 * last one first, as that is still there, and the first is left for the next image.
 */
export async function mapsAgain(
  model: VisionModel,
  altered: readonly (PreprocessedImage | undefined)[],
  configurations: readonly Configuration[],
  shared: Shared,
): Promise<(Grid | undefined)[]> {
  const made: (Grid | undefined)[] = altered.map(() => undefined);
  for (const { indices, methods, options } of groupsOf(configurations, shared).reverse()) {
    const wanted = indices.filter((i) => altered[i] !== undefined);
    for (let first = 0; first < wanted.length; first += AT_ONCE) {
      const part = wanted.slice(first, first + AT_ONCE);
      const images = part.map((i) => altered[i] as PreprocessedImage);
      const own = part.map((i) => (configurations[i] as Configuration).method);
      const maps = await runCamsApart(model, images, methods, own, options);
      for (const [k, i] of part.entries()) made[i] = maps[k]?.map;
    }
  }
  return made;
}
