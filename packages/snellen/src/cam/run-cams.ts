// Heat maps of images on a loaded model: resolves what was asked for and runs it, once or for several versions of the images.
import { UsageError } from "@snellen/graph";
import type { ImageInput } from "../images/image.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { resolveLayer } from "../vision-model/resolve-layer.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import type { CamMap } from "./cam-map.ts";
import { camMethod } from "./methods/index.ts";
import { type Plan, type RunOptions, runPlan } from "./run-plan.ts";
import { smoothed } from "./smooth-maps.ts";
import { bindTargets, type Target } from "./targets/index.ts";
import { upsampling } from "./upsampling/index.ts";
import { parseSigma, type Sigma, type Width } from "./upsampling/sigma.ts";

/** How heat maps are made: method, layer, target, upsampling, and what smooths them. */
export interface CamOptions {
  /** Method id; default `grad-cam`. */
  readonly method?: string;
  /** Default `bilinear`. */
  readonly upsampling?: string;
  /** Width of Gaussian kernels, see `Sigma`; default `stride`. */
  readonly sigma?: Sigma;
  /** Value or node name, or a part of one; default `auto`. Maps of several are averaged. */
  readonly layer?: string | readonly string[];
  /**
   * What to explain: `top1`, `label` (the image's own class), a class index or name, `probability:<class>`,
   * `<class> vs <class>`, … (`targetKinds`); several give a map each. Default `top1`.
   */
  readonly target?: Target | readonly Target[];
  /**
   * Mean over six versions of the image (mirrored, darker, brighter); six runs. Three versions for targets that are about a place,
   * which a mirrored image has elsewhere. Default false.
   */
  readonly augSmooth?: boolean;
  /** Principal component of the contributions instead of their sum, against noise; the sum is lost. Default false. */
  readonly eigenSmooth?: boolean;
  /** What becomes of the part of the score without a position in Extended-CAM; default `spread` (evenly over the cells). */
  readonly remainder?: "spread" | "none";
  /**
   * How Extended-CAM differentiates what lies behind the layer: its `gradient`, or a `homogeneous` form of it that holds
   * attention weights, gates and standard deviations fixed, so that the map conserves behind them too; default `homogeneous`.
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
  return await runOrSmooth(model, images, planOf(model.info, ids, options), options);
}

/**
 * For each image the map of the method at its place in `wanted`, of the first target. All come from the one graph of `ids`, so
 * that no session a method is made; methods that weigh channels are run for their own images alone.
 * @throws what `runCams` throws
 */
export async function runCamsApart(
  model: VisionModel,
  images: readonly ImageInput[],
  ids: readonly string[],
  wanted: readonly string[],
  options: Omit<CamOptions, "method">,
): Promise<CamMap[]> {
  const plan = planOf(model.info, ids, options);
  const maps = await runOrSmooth(model, images, plan, { ...options, only: wanted });
  return maps.map(([map]) => map as CamMap);
}

async function runOrSmooth(
  model: VisionModel,
  images: readonly ImageInput[],
  plan: Plan,
  options: RunOptions & Pick<CamOptions, "augSmooth">,
): Promise<CamMap[][]> {
  const fed = images.map((image) => plan.targets.map((target) => target.feed(image)));
  const own = await runPlan(model, images, plan, fed, options);
  if (options.augSmooth !== true) return own;
  return await smoothed(model, images, plan, fed, options, own);
}

/** @throws UsageError for an unknown method, layer, target or upsampling, `bad-sigma` */
export function planOf(
  info: DescribedModel,
  ids: readonly string[],
  options: Omit<CamOptions, "method">,
): Plan {
  const methods = ids.map(camMethod);
  // maps by the pixel are made of networks without a feature map too
  const layers = methods.every(({ kind }) => kind === "pixels")
    ? []
    : layersOf(info, options.layer ?? "auto");
  return {
    methods,
    upsampling: upsampling(options.upsampling ?? "bilinear"),
    layers,
    targets: bindTargets(info, options.target ?? "top1"),
    size: info.preprocessing.spec.size,
    sigma: widthsOf(options.sigma ?? "stride", layers),
    eigenSmooth: options.eigenSmooth ?? false,
    spreadRemainder: options.remainder !== "none",
    head: options.head ?? "homogeneous",
    seed: options.seed ?? 0,
  };
}

/** @throws UsageError `bad-sigma` */
function widthsOf(sigma: Sigma, layers: readonly FeatureLayer[]): readonly Width[] {
  const widths = parseSigma(sigma);
  if (widths.length === 1 || widths.length === layers.length || layers.length === 0) return widths;
  throw new UsageError("bad-sigma", `${widths.length} widths for ${layers.length} layers.`, {
    where: "--sigma",
    hint: "Give one for all layers, or one each.",
  });
}

/**
 * The feature layers that names stand for, each once, in the order in which they are named.
 * @param wanted as `layer` of `CamOptions`: value or node names or parts of them, or `auto`
 * @throws UsageError `unknown-layer`, `no-spatial-layer`; for values that exist `no-spatial-extent`, `unusable-layer`
 */
export function layersOf(info: DescribedModel, wanted: string | readonly string[]): FeatureLayer[] {
  const names = typeof wanted === "string" ? [wanted] : wanted;
  return [
    ...new Map(names.map((name) => resolveLayer(info, name)).map((layer) => [layer.value, layer])).values(),
  ];
}
