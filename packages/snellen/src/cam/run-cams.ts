// Heat maps of images on a loaded model: resolves what was asked for, finds weights for methods that need further runs, runs
// the one graph and reads the maps.
import { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../images/image.ts";
import { preprocessedOf } from "../images/preprocessed.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { resolveLayer } from "../vision-model/resolve-layer.ts";
import type { Feeds, VisionModel } from "../vision-model/vision-model.ts";
import { augmentations, augmented, meanOfMaps, mirroredGrid, withRanksOf } from "./augment.ts";
import { CAM, type CamGraphOptions, camGraph } from "./cam-graph.ts";
import { type CamMap, readCamMaps } from "./cam-map.ts";
import type { ChannelMethod } from "./method.ts";
import { camMethod } from "./methods/index.ts";
import { bindTargets, type Target } from "./targets/index.ts";
import type { BoundTarget } from "./targets/target.ts";
import { upsampling } from "./upsampling/index.ts";
import { parseSigma, type Sigma } from "./upsampling/sigma.ts";

export interface CamOptions {
  /** Method id; default `grad-cam`. */
  readonly method?: string;
  /** Default `bilinear`. */
  readonly upsampling?: string;
  /** Width of Gaussian kernels: `stride`, a multiple of the distance between cells, or `<n>px`; default `stride`. */
  readonly sigma?: Sigma;
  /** Value or node name, or a part of one; default `auto`. Maps of several are averaged. */
  readonly layer?: string | readonly string[];
  /**
   * What to explain: `top1`, `label` (the image's own class), a class index or name, `probability:<class>`,
   * `<class> vs <class>`, … (`targetKinds`); several give a map each. Default `top1`.
   */
  readonly target?: Target | readonly Target[];
  /**
   * Mean over six versions of the image (mirrored, darker, brighter); six runs. Three where a target is about a place, which a
   * mirrored image has elsewhere. Default false.
   */
  readonly augSmooth?: boolean;
  /** Principal component of the contributions instead of their sum, against noise; the sum is lost. Default false. */
  readonly eigenSmooth?: boolean;
  /** What becomes of the part of the score without a position in Extended-CAM; default `spread` (evenly over the cells). */
  readonly remainder?: "spread" | "none";
  /**
   * How Extended-CAM differentiates what lies behind the layer: its `gradient`, or a `homogeneous` form of it that holds
   * attention weights, gates and standard deviations fixed, so that the map conserves behind them too; default `gradient`.
   */
  readonly head?: "gradient" | "homogeneous";
  /** Seed of methods that draw numbers; default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with the share done of slow methods, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * For each image one map a method and target, methods first.
 * @throws UsageError for an unknown method, layer, target or upsampling, `bad-sigma`; UnsupportedError `no-linear-head`,
 *   `no-gradient-rule`, `layer-too-fine`; ModelError `nan-logits`
 */
export async function runCams(
  model: VisionModel,
  images: readonly ImageInput[],
  ids: readonly string[],
  options: Omit<CamOptions, "method">,
): Promise<CamMap[][]> {
  const plan = planOf(model.info, ids, options);
  const own = await runPlan(model, images, plan, options);
  if (options.augSmooth !== true) return own;
  return await smoothed(model, images, plan, options, own);
}

/** What was asked for, resolved. */
export type Plan = Omit<CamGraphOptions, "targets"> & { readonly targets: readonly BoundTarget[] };

/** @throws UsageError for an unknown method, layer, target or upsampling, `bad-sigma` */
export function planOf(
  info: DescribedModel,
  ids: readonly string[],
  options: Omit<CamOptions, "method">,
): Plan {
  return {
    methods: ids.map(camMethod),
    upsampling: upsampling(options.upsampling ?? "bilinear"),
    layers: layersOf(info, options.layer ?? "auto"),
    targets: bindTargets(info, options.target ?? "top1"),
    size: info.preprocessing.spec.size,
    sigma: parseSigma(options.sigma ?? "stride"),
    eigenSmooth: options.eigenSmooth ?? false,
    spreadRemainder: options.remainder !== "none",
    head: options.head ?? "gradient",
    seed: options.seed ?? 0,
  };
}

type RunOptions = Pick<CamOptions, "signal" | "onProgress">;

function layersOf(info: DescribedModel, wanted: string | readonly string[]): FeatureLayer[] {
  const names = typeof wanted === "string" ? [wanted] : wanted;
  return [
    ...new Map(names.map((name) => resolveLayer(info, name)).map((layer) => [layer.value, layer])).values(),
  ];
}

async function runPlan(
  model: VisionModel,
  images: readonly ImageInput[],
  plan: Plan,
  { signal, onProgress }: RunOptions,
): Promise<CamMap[][]> {
  const found = images.map((image) => plan.targets.map((target) => target.feed(image)));
  const weights = await weightsOf(model, images, plan, { signal, onProgress });
  const kinds = plan.targets.map(({ kind }) => kind);
  const results = await model.run(
    keyOf(plan),
    () => camGraph(model.info, { ...plan, targets: kinds }),
    images,
    (first, count) => ({ ...targetFeeds(plan, found, first, count), ...weights(first, count) }),
    signal,
  );
  return readCamMaps(model.info, images, results, plan);
}

const keyOf = (plan: Plan): string =>
  [
    "cam",
    plan.methods.map(({ id }) => id).join(),
    plan.targets.map(({ kind }) => `${kind.id}${kind.key ?? ""}`).join(),
    plan.layers.map(({ value }) => value).join(),
    plan.upsampling.id,
    JSON.stringify(plan.sigma),
    plan.eigenSmooth,
    plan.spreadRemainder,
    plan.head,
    plan.seed,
  ].join(" ");

/** Rows of `values` for images first … first + count; zeros where a batch is longer than the images left. */
function rowsOf(
  values: readonly (ArrayLike<number> | undefined)[],
  length: number,
  [first, count]: readonly [number, number],
): number[] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length }, (_, j) => values[first + i]?.[j] ?? 0),
  ).flat();
}

function targetFeeds(
  { targets }: Plan,
  found: readonly (readonly (readonly (readonly number[])[])[])[],
  first: number,
  count: number,
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  targets.forEach(({ kind }, t) => {
    kind.inputs.forEach(({ name, dataType, dims }, i) => {
      const perImage = found.map((byTarget) => byTarget[t]?.[i]);
      const length = dims.reduce((n, d) => n * d, 1);
      const values = rowsOf(perImage, length, [first, count]);
      const data = dataType === "int64" ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
      feeds[CAM.target(t, name)] = new Tensor(dataType, data as never, [count, ...dims]);
    });
  });
  return feeds;
}

/** Weights of channel methods, found image by image before the maps are made. */
async function weightsOf(
  model: VisionModel,
  images: readonly ImageInput[],
  { methods, targets, layers }: Plan,
  { signal, onProgress }: RunOptions,
): Promise<Feeds> {
  const slow = methods.filter((method): method is ChannelMethod => method.kind === "channels");
  const jobs = slow.flatMap((method) =>
    targets.flatMap((target, t) =>
      layers.flatMap((layer, l) =>
        images.map((image) => ({ name: CAM.weights(method, t, l), method, target, layer, image })),
      ),
    ),
  );
  const byName = new Map<string, Float32Array[]>();
  for (const [i, { name, method, ...probe }] of jobs.entries()) {
    const progress = (done: number) => onProgress?.((i + done) / jobs.length);
    const weights = await method.weights({ model, ...probe, signal, onProgress: progress });
    byName.set(name, [...(byName.get(name) ?? []), weights]);
  }
  return (first, count) =>
    Object.fromEntries(
      [...byName].map(([name, weights]) => {
        const length = (weights[0] as Float32Array).length;
        const rows = rowsOf(weights, length, [first, count]);
        return [name, new Tensor("float32", Float32Array.from(rows), [count, length])];
      }),
    );
}

/** Averages the maps of the images as they are, the first augmentation, with those of their other versions. */
async function smoothed(
  model: VisionModel,
  images: readonly ImageInput[],
  plan: Plan,
  options: RunOptions,
  own: readonly CamMap[][],
): Promise<CamMap[][]> {
  const { spec } = model.info.preprocessing;
  const tensors = images.map((image) => preprocessedOf(spec, image));
  const logits = new Map(own.map(([map]) => [(map as CamMap).source, (map as CamMap).logits]));
  const targets = plan.targets.map((target) => withRanksOf(target, logits));
  const versions: CamMap[][][] = [];
  const hasPlace = plan.targets.some(({ kind }) => kind.hasPlace);
  for (const augmentation of augmentations.slice(1).filter(({ mirrored }) => !(mirrored && hasPlace))) {
    const altered = tensors.map((tensor) => augmented(spec, tensor, augmentation));
    const maps = await runPlan(model, altered, { ...plan, targets }, options);
    versions.push(
      maps.map((ofImage) =>
        ofImage.map((map) =>
          augmentation.mirrored
            ? { ...map, map: mirroredGrid(map.map), cells: mirroredGrid(map.cells) }
            : map,
        ),
      ),
    );
  }
  return own.map((maps, i) =>
    maps.map((map, m) => meanOfMaps([map, ...versions.map((version) => version[i]?.[m] as CamMap)])),
  );
}
