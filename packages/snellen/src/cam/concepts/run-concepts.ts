// Concepts of images on a loaded model: reads a layer's features, factorizes them over all images and asks the network for the
// concepts' classes.
import { createBuilder, type Model, removeDead, UsageError } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import { inBatches } from "../../images/stream.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { type Grid, requireFinite } from "../cam-map.ts";
import { toFeatureMap } from "../feature-map.ts";
import { type ConceptClass, classesOf, whyNoClasses } from "./concept-classes.ts";
import { type Features, factorize, requireComponents } from "./concepts.ts";

/** How many concepts are looked for, on which layer, and from which draws. */
export interface ConceptOptions {
  /** How many; default 5. */
  readonly components?: number;
  /** Value or node name, or a part of one; default `auto`. */
  readonly layer?: string;
  /** Of the draws that the search starts from; default 0. */
  readonly seed?: number;
  /** Images run at a time; default 8. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Called with what is being done and the share of it that is, 0 to 1; of images, how many are done. */
  readonly onProgress?: (step: "features" | "concepts", done: number) => void;
}

/** What images share on a layer: a direction of its features, how much of them it accounts for, and its classes. */
export interface Concept {
  /** Features, [channels], of length one. */
  readonly vector: Float32Array;
  /** Share of Σ features² over all images that it accounts for. */
  readonly share: number;
  /** The best classes of the vector at the concept's strongest, best first; empty where the head does not allow it. */
  readonly classes: readonly ConceptClass[];
}

/** Where in one image each concept is. */
export interface ConceptImage {
  readonly source: string;
  /** One a concept, [h, w]: the length of the features along it. All images' maps are on one scale. */
  readonly cells: readonly Grid[];
}

/** The concepts of a set of images on one layer (Deep Feature Factorization, arXiv:1806.10206). */
export interface Concepts {
  readonly layer: FeatureLayer;
  /** Those that account for most first. */
  readonly concepts: readonly Concept[];
  readonly images: readonly ConceptImage[];
  /** |V − W·H| / |V| over all images. */
  readonly error: number;
  /** Share of Σ features² that lay below zero and was left out. */
  readonly negativeShare: number;
  /** Why concepts have no classes; undefined where they have. */
  readonly whyNoClasses: string | undefined;
}

const DEFAULT_COMPONENTS = 5;
const DEFAULT_BATCH = 8;

/** More values than this (1 GiB) are not kept. */
const MOST_VALUES = 2 ** 28;

/**
 * Concepts that images share. Features below zero are taken as zero. The same images and seed give the same concepts.
 * @throws UsageError `unknown-layer`, `bad-components`, `no-images`, `too-many-images`; ModelError `nan-logits`, `no-features`
 */
export async function concepts(
  model: VisionModel,
  images: Iterable<ImageInput> | AsyncIterable<ImageInput>,
  options: ConceptOptions = {},
): Promise<Concepts> {
  const layer = model.layer(options.layer);
  const { components = DEFAULT_COMPONENTS, seed, signal, onProgress } = options;
  requireComponents(components, layer.channels);
  const { sources, features, negativeShare } = await readFeatures(model, layer, images, options);
  const { maps, vectors, shares, error } = await factorize(features, {
    components,
    seed,
    signal,
    onProgress: (done) => onProgress?.("concepts", done),
  });
  const [, channels, ...grid] = features.dims;
  const length = grid[0] * grid[1];
  const map = (n: number, c: number): Grid => {
    const at = (n * components + c) * length;
    return { values: maps.slice(at, at + length), dims: grid };
  };
  const found = shares.map((share, c) => ({
    share,
    vector: vectors.slice(c * channels, (c + 1) * channels),
    strongest: sources.reduce((most, _, n) => map(n, c).values.reduce((a, v) => Math.max(a, v), most), 0),
  }));
  const reason = whyNoClasses(model.info, layer);
  const asFeatures = found.map(({ vector, strongest }) => vector.map((v) => v * strongest));
  const classes = reason === undefined ? await classesOf(model, layer, asFeatures) : [];
  return {
    layer,
    concepts: found.map(({ share, vector }, c) => ({ share, vector, classes: classes[c] ?? [] })),
    images: sources.map((source, n) => ({ source, cells: found.map((_, c) => map(n, c)) })),
    error,
    negativeShare,
    whyNoClasses: reason,
  };
}

interface Read {
  readonly sources: readonly string[];
  readonly features: Features;
  readonly negativeShare: number;
}

async function readFeatures(
  model: VisionModel,
  layer: FeatureLayer,
  images: Iterable<ImageInput> | AsyncIterable<ImageInput>,
  { batch = DEFAULT_BATCH, signal, onProgress }: ConceptOptions,
): Promise<Read> {
  const [sources, parts]: [string[], Float32Array[]] = [[], []];
  const length = layer.channels * layer.layout.grid[0] * layer.layout.grid[1];
  const take = async (part: readonly ImageInput[]): Promise<void> => {
    const key = `features ${layer.value}`;
    const results = await model.run(key, () => featureGraph(model.info, layer), part, undefined, signal);
    const values = results.map((outputs) => outputs[FEATURES]?.data as Float32Array);
    const perRun = (values[0] as Float32Array).length / length;
    for (const [i, { source }] of part.entries()) {
      const at = (i % perRun) * length;
      const own = (values[Math.floor(i / perRun)] as Float32Array).slice(at, at + length);
      requireFinite(model.info, source, "features", own);
      requireRoom(sources.length + 1, length);
      sources.push(source);
      parts.push(own);
    }
    onProgress?.("features", sources.length);
  };
  for await (const part of inBatches(images, batch)) await take(part);
  if (sources.length === 0) throw new UsageError("no-images", "no images were given.");
  const dims = [sources.length, layer.channels, ...layer.layout.grid] as const;
  return { sources, ...rectified(parts, dims) };
}

function requireRoom(images: number, length: number): void {
  if (images * length <= MOST_VALUES) return;
  const most = Math.floor(MOST_VALUES / length);
  throw new UsageError("too-many-images", `features of more than ${most} images at once are not kept.`, {
    where: "--images",
    hint: "Give fewer, or choose a coarser --layer.",
  });
}

/** All images' features as one array without what is below zero; parts are let go as they are copied. */
function rectified(parts: Float32Array[], dims: Features["dims"]): Omit<Read, "sources"> {
  const values = new Float32Array(dims.reduce((a, d) => a * d, 1));
  let [at, below, all] = [0, 0, 0];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    for (const v of part) {
      all += v * v;
      if (v > 0) values[at] = v;
      else below += v * v;
      at++;
    }
  }
  return { features: { dims, values }, negativeShare: all === 0 ? 0 : below / all };
}

const FEATURES = "snellen_features";

/** The model up to the layer, laid out as [N, K, h, w]. */
function featureGraph({ model, shapes }: DescribedModel, { value, layout }: FeatureLayer): Model {
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  b.output(toFeatureMap(b, value, layout), FEATURES);
  return removeDead(b.build());
}
