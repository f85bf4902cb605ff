// A loaded vision model: predictions and heat maps of images, in batches, on whatever runtime a door handed over.
import { createBuilder, type Model, removeDead, serializeByReference } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { CAM } from "../cam/cam-graph.ts";
import { type CamMap, requireFinite } from "../cam/cam-map.ts";
import { type CamOptions, runCams } from "../cam/run-cams.ts";
import type { ImageInput } from "../images/image.ts";
import { createBatch, preprocess } from "../images/preprocess.ts";
import type { Source } from "../images/stream.ts";
import {
  type MeasuredField,
  type MeasureFieldOptions,
  measureField,
} from "../receptive-field/effective/measure-field.ts";
import type { Runtime, SerializedModel, Session, SessionOptions } from "../runtime/runtime.ts";
import { createSessionPool } from "../runtime/session-pool.ts";
import { classScores } from "./class-scores.ts";
import type { DescribedModel } from "./describe.ts";
import type { ImageInputInfo } from "./image-input.ts";
import type { FeatureLayer } from "./layers.ts";
import { resolveLayer } from "./resolve-layer.ts";
import { topClass } from "./top-class.ts";

/** Where the model's own bytes lie, so that derived graphs may point into them instead of carrying the weights. */
export interface ModelHome {
  /** File name by which derived graphs refer to the model. */
  readonly location: string;
  readonly weights: NonNullable<SerializedModel["weights"]>;
}

/** What a model says of one image. */
export interface Prediction {
  readonly source: string;
  /** One score a class, before any Softmax or Sigmoid; of dense outputs the highest over all positions. */
  readonly logits: Float32Array;
  /** Index of the highest score. */
  readonly classIndex: number;
  readonly className: string | undefined;
}

/** An opened model: predictions, heat maps and receptive fields of images. Dispose of it (`await using`) when done. */
export interface VisionModel extends AsyncDisposable {
  readonly info: DescribedModel;
  /** Scores of a batch of images. @throws ModelError `nan-logits` */
  predict(images: readonly ImageInput[], options?: { readonly signal?: AbortSignal }): Promise<Prediction[]>;
  /**
   * One heat map per image, of the first target where several are given.
   * @throws what `runCams` throws
   */
  cam(images: readonly ImageInput[], options?: CamOptions): Promise<CamMap[]>;
  /** Maps of several methods and targets from one run: for each image one a method and target, methods first. */
  cams(
    images: readonly ImageInput[],
    methods: readonly string[],
    options?: Omit<CamOptions, "method">,
  ): Promise<CamMap[][]>;
  /**
   * Effective receptive field of a layer over images, as a door lists them (`(await openImages("photos/")).entries`).
   * @throws what `measureField` throws
   */
  erf(images: readonly Source<ImageInput>[], options?: MeasureFieldOptions): Promise<MeasuredField>;
  /** The layer that `wanted` names ("auto" for the default). */
  layer(wanted?: string): FeatureLayer;
  /**
   * The same network with another graph, whose values have the same names (randomized weights, a mended layer): on the same
   * runtime and sessions, which it does not dispose of. `key` must tell it from every other.
   */
  altered(info: DescribedModel, key: string): VisionModel;
  /** Runs a derived graph that takes whatever it takes; `key` must tell it from every other. */
  use<T>(key: string, build: () => Model, work: (session: Session) => Promise<T>): Promise<T>;
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

/** Joins a described model and a runtime. Dispose it when done: sessions hold memory outside JavaScript's reach. */
export function createVisionModel(info: DescribedModel, options: VisionModelOptions): VisionModel {
  const pool = createSessionPool(options.runtime, { max: options.sessions });

  const serialize = (model: Model): SerializedModel => ({
    bytes: serializeByReference(model, options.home.location),
    weights: options.home.weights,
  });

  const front = (info: DescribedModel, prefix: string): VisionModel => {
    const use: VisionModel["use"] = (key, build, work) =>
      pool.use(`${prefix}${key}`, () => ({ model: serialize(build()), options: options.session }), work);
    const run: VisionModel["run"] = (key, build, images, feeds = () => ({}), signal) =>
      use(key, build, async (session) => {
        const size = info.batch.fixed ?? images.length;
        const results: Record<string, Tensor>[] = [];
        for (let first = 0; first < images.length; first += size) {
          signal?.throwIfAborted();
          const part = images.slice(first, first + size);
          results.push(await runBatch(session, info, part, size, feeds(first, size)));
        }
        return results;
      });
    const model: VisionModel = {
      info,
      use,
      run,
      layer: (wanted = "auto") => resolveLayer(info, wanted),
      async predict(images, { signal } = {}) {
        const results = await run("forward", () => forwardGraph(info), images, undefined, signal);
        return images.map((image, i) => predictionOf(info, image, scoresRow(info, results, i)));
      },
      async cam(images, { method = "grad-cam", ...wanted } = {}) {
        return (await model.cams(images, [method], wanted)).map(([map]) => map as CamMap);
      },
      cams: (images, ids, wanted = {}) => runCams(model, images, ids, wanted),
      erf: (images, wanted) => measureField(model, images, wanted),
      altered: (info, key) => front(info, `${prefix}${key} `),
      [Symbol.asyncDispose]: () => (prefix === "" ? pool.dispose() : Promise.resolve()),
    };
    return model;
  };
  return front(info, "");
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
  const classIndex = topClass(logits);
  return { source: image.source, logits, classIndex, className: info.labels.names?.[classIndex] };
}
