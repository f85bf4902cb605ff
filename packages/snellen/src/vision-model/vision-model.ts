// A loaded vision model: predictions and heat maps of images, in batches, on whatever runtime a door handed over.
import { createBuilder, type Model, removeDead, serializeByReference, UsageError } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { CAM, camGraph } from "../cam/cam-graph.ts";
import { type CamMap, readCamMaps, requireFinite } from "../cam/cam-map.ts";
import { camMethod } from "../cam/methods/index.ts";
import { upsampling } from "../cam/upsampling/index.ts";
import type { ImageInput } from "../images/image.ts";
import { createBatch, preprocess } from "../images/preprocess.ts";
import type { Runtime, SerializedModel, Session, SessionOptions } from "../runtime/runtime.ts";
import { createSessionPool } from "../runtime/session-pool.ts";
import { classScores } from "./class-scores.ts";
import type { DescribedModel } from "./describe.ts";
import type { ImageInputInfo } from "./image-input.ts";
import { type FeatureLayer, resolveLayer } from "./layers.ts";
import { HIGHEST, resolveTargets, type Target } from "./targets.ts";

/** Where the model's own bytes lie, so that derived graphs may point into them instead of carrying the weights. */
export interface ModelHome {
  /** File name by which derived graphs refer to the model. */
  readonly location: string;
  readonly weights: NonNullable<SerializedModel["weights"]>;
}

export interface CamOptions {
  /** Method id; default `grad-cam`. */
  readonly method?: string;
  /** Default `bilinear`. */
  readonly upsampling?: string;
  /** Width of Gaussian kernels in multiples of the cell spacing; default 0.5. */
  readonly sigma?: number;
  /** Value or node name, or a part of one; default `auto`. */
  readonly layer?: string;
  /** What to explain: `top1`, `label` (the image's own class), a class index or name. Default `top1`. */
  readonly target?: Target;
  readonly signal?: AbortSignal;
}

export interface Prediction {
  readonly source: string;
  /** One score a class, before any Softmax or Sigmoid; of dense outputs the highest over all positions. */
  readonly logits: Float32Array;
  /** Index of the highest score. */
  readonly classIndex: number;
  readonly className: string | undefined;
}

export interface VisionModel extends AsyncDisposable {
  readonly info: DescribedModel;
  /** Scores of a batch of images. @throws ModelError `nan-logits` */
  predict(images: readonly ImageInput[], options?: { readonly signal?: AbortSignal }): Promise<Prediction[]>;
  /**
   * One heat map per image.
   * @throws UsageError for an unknown method, layer, target or upsampling; UnsupportedError `no-linear-head`,
   * `no-gradient-rule`; ModelError `nan-logits`
   */
  cam(images: readonly ImageInput[], options?: CamOptions): Promise<CamMap[]>;
  /** Maps of several methods from one run: for each image one a method. */
  cams(
    images: readonly ImageInput[],
    methods: readonly string[],
    options?: Omit<CamOptions, "method">,
  ): Promise<CamMap[][]>;
  /** The layer that `wanted` names ("auto" for the default). */
  layer(wanted?: string): FeatureLayer;
  /** Runs a derived graph on a batch of images; the door for methods that build their own. */
  run(
    key: string,
    build: () => Model,
    images: readonly ImageInput[],
    feeds?: Feeds,
    signal?: AbortSignal,
  ): Promise<Record<string, Tensor>[]>;
}

/** Further inputs of a derived graph for the images of one batch, by their index among all images. */
export type Feeds = (first: number, count: number) => Readonly<Record<string, Tensor>>;

export interface VisionModelOptions {
  readonly runtime: Runtime;
  readonly home: ModelHome;
  readonly session?: SessionOptions;
  /** Live sessions kept at a time; idle ones cost memory and spin. */
  readonly sessions?: number;
}

const DEFAULT_SIGMA = 0.5;

function checkedSigma(sigma: number): number {
  if (Number.isFinite(sigma) && sigma > 0) return sigma;
  throw new UsageError("bad-sigma", `expected a number above 0, got ${sigma}.`, {
    where: "--sigma",
    hint: "Write --sigma 0.5.",
  });
}

/** Joins a described model and a runtime. Dispose it when done: sessions hold memory outside JavaScript's reach. */
export function createVisionModel(info: DescribedModel, options: VisionModelOptions): VisionModel {
  const pool = createSessionPool(options.runtime, { max: options.sessions });

  const serialize = (model: Model): SerializedModel => ({
    bytes: serializeByReference(model, options.home.location),
    weights: options.home.weights,
  });

  const run: VisionModel["run"] = (key, build, images, feeds = () => ({}), signal) =>
    pool.use(
      key,
      () => ({ model: serialize(build()), options: options.session }),
      async (session) => {
        const size = info.batch.fixed ?? images.length;
        const results: Record<string, Tensor>[] = [];
        for (let first = 0; first < images.length; first += size) {
          signal?.throwIfAborted();
          const part = images.slice(first, first + size);
          results.push(await runBatch(session, info, part, size, feeds(first, size)));
        }
        return results;
      },
    );

  const model: VisionModel = {
    info,
    run,
    layer: (wanted = "auto") => resolveLayer(info.layers, wanted),
    async predict(images, { signal } = {}) {
      const results = await run("forward", () => forwardGraph(info), images, undefined, signal);
      return images.map((image, i) => predictionOf(info, image, scoresRow(info, results, i)));
    },
    async cam(images, { method = "grad-cam", ...wanted } = {}) {
      return (await model.cams(images, [method], wanted)).map(([map]) => map as CamMap);
    },
    async cams(images, ids, { signal, ...wanted } = {}) {
      const methods = ids.map(camMethod);
      const up = upsampling(wanted.upsampling ?? "bilinear");
      const layer = model.layer(wanted.layer);
      const sigma = checkedSigma(wanted.sigma ?? DEFAULT_SIGMA);
      const targets = resolveTargets(info, images, wanted.target ?? "top1");
      const { size } = info.preprocessing.spec;
      const results = await run(
        `cam ${ids.join()} ${up.id} ${sigma} ${layer.value}`,
        () => camGraph(info, { methods, layer, upsampling: up, size, sigma }),
        images,
        (first, count) => ({ [CAM.target]: int64(targets, first, count) }),
        signal,
      );
      return readCamMaps(info, images, results, { methods, upsampling: up, layer });
    },
    [Symbol.asyncDispose]: () => pool.dispose(),
  };
  return model;
}

/** Preprocesses one batch and runs it; short batches of a model with a fixed one are filled with zeros. */
async function runBatch(
  session: Session,
  info: DescribedModel,
  images: readonly ImageInput[],
  size: number,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const { spec } = info.preprocessing;
  const batch = createBatch(spec, size);
  images.forEach((image, i) => {
    preprocess(image, spec, batch.values, i);
  });
  return session.run({
    [info.input.name]: inputTensor(info.input.dataType, batch),
    ...feeds,
  });
}

/** The batch as the model's element type; doubles are rare and widened here. */
function inputTensor(
  type: ImageInputInfo["dataType"],
  { values, dims }: ReturnType<typeof createBatch>,
): Tensor {
  return type === "float64"
    ? new Tensor(type, Float64Array.from(values), dims)
    : new Tensor(type, values as Float32Array, dims);
}

const int64 = (values: readonly number[], first: number, count: number): Tensor =>
  new Tensor(
    "int64",
    BigInt64Array.from({ length: count }, (_, i) => BigInt(values[first + i] ?? HIGHEST)),
    [count],
  );

/** The model up to its class scores. */
function forwardGraph({ model, shapes, logits }: DescribedModel): Model {
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  b.output(classScores(b, logits), CAM.logits);
  return removeDead(b.build());
}

/** Row of scores of image `i`, whose batch may hold several. */
function scoresRow(
  info: DescribedModel,
  results: readonly Record<string, Tensor>[],
  i: number,
): Float32Array {
  const { classes } = info.logits;
  const perBatch = (results[0]?.[CAM.logits]?.size ?? 0) / classes;
  const row = (i % perBatch) * classes;
  const scores = results[Math.floor(i / perBatch)]?.[CAM.logits]?.data as Float32Array;
  return scores.slice(row, row + classes);
}

function predictionOf(info: DescribedModel, image: ImageInput, logits: Float32Array): Prediction {
  requireFinite(info, image.source, "scores", logits);
  const classIndex = logits.reduce((best, v, k) => (v > (logits[best] as number) ? k : best), 0);
  return { source: image.source, logits, classIndex, className: info.labels.names?.[classIndex] };
}
