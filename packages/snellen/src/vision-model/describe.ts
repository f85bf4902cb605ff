// What a model file says about itself: where the image goes in, where the scores come out, which values are feature maps,
// how pixels are prepared and what the classes are called. Pure; nothing is run.
import {
  canonicalize,
  createBuilder,
  dataTypeOf,
  type Model,
  ModelError,
  raisePrecision,
  type Shapes,
} from "@snellen/graph";
import { type FileFacts, fileFacts } from "./file-facts.ts";
import { followSpace, imageSpace } from "./follow-space.ts";
import { type BatchInfo, freeBatch } from "./free-batch.ts";
import { feedsOf, findImageInput, type ImageInputInfo } from "./image-input.ts";
import { resolveLabels } from "./labels.ts";
import { type FeatureLayers, findFeatureLayers } from "./layers.ts";
import { checkInputSize, checkValueSizes, requireKnown } from "./limits.ts";
import { findLogits, type LogitsInfo } from "./logits.ts";
import { openFusedOperators } from "./open-fused-operators.ts";
import {
  type PreprocessingFlags,
  type ResolvedPreprocessing,
  resolvePreprocessing,
  type Sidecars,
  type SizedInput,
} from "./preprocessing.ts";

/** What the caller knows of a model, where its file does not say it or says something else. */
export interface DescribeOptions extends PreprocessingFlags {
  /** Graph input that takes the image, where several could. */
  readonly input?: string;
  /** Output, or any value, to explain. */
  readonly output?: string;
  /** Height and width, where the model leaves them open. */
  readonly size?: readonly [number, number];
  /** Sizes of other open dimensions by symbol. */
  readonly dims?: Readonly<Record<string, number>>;
  readonly labels?: readonly string[];
  /** Parsed JSON files that lie beside the model. */
  readonly sidecars?: Sidecars;
}

/**
 * A model with all that is known of it before it is run: where images go in, where scores come out, which values are
 * feature maps.
 */
export interface DescribedModel {
  /** The file as it was written. */
  readonly file: FileFacts;
  /** The file's own graph, where parameters still have their names. */
  readonly original: Model;
  /**
   * Canonical model: what every derived graph is built from. Half precision is raised to single, a fixed batch freed, ONNX Runtime's
   * own operators opened into standard ones.
   */
  readonly model: Model;
  readonly shapes: Shapes;
  readonly input: SizedInput;
  readonly batch: BatchInfo;
  readonly preprocessing: ResolvedPreprocessing;
  readonly logits: LogitsInfo;
  readonly layers: FeatureLayers;
  readonly labels: { readonly names: readonly string[] | undefined; readonly origin: string };
}

/** Side of the input where neither the model nor the user states one. */
const DEFAULT_SIDE = 224;

/**
 * Finds in a model where the image goes in, where the scores come out, which values are feature maps, how pixels are prepared and
 * what the classes are called. Pure: nothing is run.
 * @param original the file's model, as it was parsed
 * @throws ModelError or UsageError saying what could not be found and which flag settles it
 */
export function describeModel(original: Model, options: DescribeOptions = {}): DescribedModel {
  const raised = raisePrecision(original);
  const input = findImageInput(raised, options.input);
  const side = (given: number | undefined, axis: 0 | 1) => given ?? options.size?.[axis] ?? DEFAULT_SIDE;
  const size = [side(input.size[0], 0), side(input.size[1], 1)] as const;
  checkInputSize({ ...input, size });
  const { batch, ...free } = freeBatch(
    canonicalize(withInputSize(raised, input, size), { dims: options.dims ?? {} }),
    input.fixedBatch,
    input.name,
    { dims: options.dims ?? {} },
  );
  const { model, shapes } = openFusedOperators(free.model, free.shapes);
  checkValueSizes(model, shapes);
  requireOnlyImage(model, input);
  const b = createBuilder(model, shapes);
  const dims = shapes.probes[0]?.get(input.name)?.dims ?? [];
  const spaces = followSpace(b, model.graph.nodes, input.name, imageSpace(dims, input.layout));
  const outputs = model.graph.outputs.map((v) => v.name);
  if (options.output === undefined && outputs.every((name) => dataTypeOf(shapes, name) === undefined))
    requireKnown(model, shapes, outputs[0] as string);
  const logits = findLogits(b, outputs, (value) => spaces.get(value)?.layout?.channelAxis, options.output);
  return {
    file: fileFacts(original),
    original,
    model,
    shapes,
    input: { ...input, size },
    batch,
    preprocessing: resolvePreprocessing(model, shapes, { ...input, size }, options, options.sidecars ?? {}),
    logits,
    layers: findFeatureLayers(b, model.graph.nodes, spaces, input.name, logits.value),
    labels: resolveLabels(model, logits.classes, options.labels, options.sidecars ?? {}),
  };
}

/** Fixes open height, width and channels of the image input. */
function withInputSize(model: Model, input: ImageInputInfo, size: readonly [number, number]): Model {
  const inputs = model.graph.inputs.map((info) => {
    if (info.name !== input.name || info.dims === undefined) return info;
    const [n] = info.dims;
    const batch = typeof n === "number" && n < 1 ? undefined : n;
    const dims =
      input.layout === "NCHW" ? [batch, input.channels, ...size] : [batch, ...size, input.channels];
    return { name: info.name, dataType: info.dataType, dims };
  });
  return { ...model, graph: { ...model.graph, inputs } };
}

/** Methods feed the image only; another required input would need a value that nobody gave. */
function requireOnlyImage(model: Model, input: ImageInputInfo): void {
  const others = feedsOf(model).filter((v) => v.name !== input.name);
  if (others.length === 0) return;
  throw new ModelError(
    "more-inputs",
    `the model needs further inputs: ${others.map((v) => v.name).join(", ")}.`,
    {
      hint: "Export the image branch alone, or fold the other inputs into constants.",
    },
  );
}
