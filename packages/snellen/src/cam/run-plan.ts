// One run of a plan: finds weights for methods that need further runs, runs the one graph and reads the maps.
import { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../images/image.ts";
import type { Feeds, VisionModel } from "../vision-model/vision-model.ts";
import { CAM, type CamGraphOptions, camGraph } from "./cam-graph.ts";
import { type CamMap, readCamMaps } from "./cam-map.ts";
import type { ChannelMethod } from "./method.ts";
import { feedsOf } from "./target-feeds.ts";
import type { BoundTarget, TargetValues } from "./targets/target.ts";

/** What was asked for, resolved. */
export type Plan = Omit<CamGraphOptions, "targets"> & { readonly targets: readonly BoundTarget[] };

export interface RunOptions {
  /** The id of the one method whose map is wanted of each image; without it, all methods' are. */
  readonly only?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called with the share done of slow methods, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * For each image one map a method and target, methods first.
 * @param fed for each image the targets' values
 */
export async function runPlan(
  model: VisionModel,
  images: readonly ImageInput[],
  plan: Plan,
  fed: readonly (readonly TargetValues[])[],
  options: RunOptions,
): Promise<CamMap[][]> {
  const weights = await weightsOf(model, images, plan, fed, options);
  const kinds = plan.targets.map(({ kind }) => kind);
  const results = await model.run(
    keyOf(plan),
    () => camGraph(model.info, { ...plan, targets: kinds }),
    images,
    (first, count) => ({ ...targetFeeds(plan, fed, first, count), ...weights(first, count) }),
    options.signal,
  );
  return readCamMaps(model.info, images, results, { ...plan, only: options.only });
}

const keyOf = (plan: Plan): string =>
  JSON.stringify([
    "cam",
    plan.methods.map(({ id }) => id),
    plan.targets.map(({ kind }) => [kind.id, kind.key]),
    plan.layers.map(({ value }) => value),
    plan.upsampling.id,
    plan.sigma,
    plan.eigenSmooth,
    plan.spreadRemainder,
    plan.head,
    plan.seed,
  ]);

/** Targets' values of images first … first + count; zeros where a batch is longer than the images left. */
function targetFeeds(
  { targets }: Plan,
  fed: readonly (readonly TargetValues[])[],
  first: number,
  count: number,
): Record<string, Tensor> {
  const all = targets.map(({ kind }, t) => {
    const rows = Array.from({ length: count }, (_, i) => fed[first + i]?.[t]);
    return feedsOf(kind, rows, (name) => CAM.target(t, name));
  });
  return Object.assign({}, ...all);
}

/** Weights of channel methods, found image by image before the maps are made; zeros where no map is wanted. */
async function weightsOf(
  model: VisionModel,
  images: readonly ImageInput[],
  { methods, targets, layers }: Plan,
  fed: readonly (readonly TargetValues[])[],
  { only, signal, onProgress }: RunOptions,
): Promise<Feeds> {
  const slow = methods.filter((method): method is ChannelMethod => method.kind === "channels");
  const jobs = slow.flatMap((method) =>
    targets.flatMap((target, t) =>
      layers.flatMap((layer, l) => {
        const name = CAM.weights(method, t, l);
        return images.flatMap((image, i) =>
          only === undefined || only[i] === method.id ? [{ name, method, target, t, layer, image, i }] : [],
        );
      }),
    ),
  );
  const found = new Map<string, Float32Array>();
  for (const [done, { name, method, target, t, i, ...probe }] of jobs.entries()) {
    const values = fed[i]?.[t] as TargetValues;
    const weights = await method.weights({
      model,
      ...probe,
      target: { ...target, feed: () => values },
      signal,
      onProgress: (share) => onProgress?.((done + share) / jobs.length),
    });
    found.set(`${name} ${i}`, weights);
  }
  const inputs = slow.flatMap((method) =>
    targets.flatMap((_, t) =>
      layers.map(({ channels }, l) => ({ name: CAM.weights(method, t, l), channels })),
    ),
  );
  return (first, count) =>
    Object.fromEntries(
      inputs.map(({ name, channels }) => {
        const rows = new Float32Array(count * channels);
        for (let i = 0; i < count; i++) rows.set(found.get(`${name} ${first + i}`) ?? [], i * channels);
        return [name, new Tensor("float32", rows, [count, channels])];
      }),
    );
}
