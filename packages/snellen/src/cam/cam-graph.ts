// The graph that answers "where did this score come from": the model, the gradient of the target's score down to the feature
// layer (the head only, as nothing below it is asked for), the method's cells and the upsampled map. One run, one forward.
import { backpropagate, expandOnPath, homogeneousRule, type Rule } from "@snellen/autodiff";
import {
  createBuilder,
  type GraphBuilder,
  type Model,
  type Node,
  removeDead,
  SnellenError,
  UnsupportedError,
  type ValueInfo,
} from "@snellen/graph";
import { classScores } from "../vision-model/class-scores.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { averageCells, mean } from "./average-layers.ts";
import { toFeatureMap, toPicture } from "./feature-map.ts";
import {
  type CamMethod,
  channelSum,
  type GraphContext,
  type LayerContext,
  ones,
  type PixelContext,
} from "./method.ts";
import { principalComponent } from "./principal.ts";
import { requireClassScore, requireLayer } from "./requirements.ts";
import type { TargetInput, TargetKind, TargetScore } from "./targets/target.ts";
import type { Width } from "./upsampling/sigma.ts";
import { type AxisCentres, evenCentres, type Upsampling } from "./upsampling/upsampling.ts";

export interface CamGraphOptions {
  /** All of them in one run. */
  readonly methods: readonly CamMethod[];
  /** Several are averaged. */
  readonly layers: readonly FeatureLayer[];
  /** One map a method and target. */
  readonly targets: readonly TargetKind[];
  readonly upsampling: Upsampling;
  /** Height and width of the map. */
  readonly size: readonly [number, number];
  /** One for all layers, or one each. */
  readonly sigma: readonly Width[];
  /** Cells are the principal component of the contributions instead of their sum. */
  readonly eigenSmooth: boolean;
  /** Whether Extended-CAM spreads what its cells miss of the score. */
  readonly spreadRemainder: boolean;
  /** How Extended-CAM differentiates the head. */
  readonly head: "gradient" | "homogeneous";
  readonly seed: number;
}

/** Names of the graph's further inputs and outputs, by method and target. */
export const CAM = {
  /** Value of a target's own input. */
  target: (t: number, input: string) => `snellen_target_${t}_${input}`,
  /** float32 [N, K]: weights that a channel method found for a layer. */
  weights: ({ id }: CamMethod, t: number, l: number) => `snellen_weights_${id}_${t}_${l}`,
  /** int64 [N]: the class that a target is about. */
  chosen: (t: number) => `snellen_chosen_${t}`,
  /** float32 [N]: the target's score. */
  score: (t: number) => `snellen_score_${t}`,
  /** float32 [N, h, w]: signed, unscaled. */
  cells: ({ id }: CamMethod, t: number) => `snellen_cells_${id}_${t}`,
  /** float32 [N, H, W]: upsampled; rectified first where the method says so. */
  map: ({ id }: CamMethod, t: number) => `snellen_map_${id}_${t}`,
  /** float32 [N]: what the cells missed of the score before any of it was spread. */
  remainder: ({ id }: CamMethod, t: number) => `snellen_remainder_${id}_${t}`,
  /** float32 [N, classes]. */
  logits: "snellen_logits",
} as const;

/** Names of the values that answer one target; maps in the methods' order. */
export interface TargetMaps extends TargetScore {
  readonly maps: readonly MadeMap[];
}

interface MadeMap {
  /** float32 [N, h, w]: signed, unscaled. */
  readonly cells: string;
  /** float32 [N, H, W]. */
  readonly map: string;
  /** float32 [N]. */
  readonly remainder: string;
}

/** How a graph of maps meets the outside. */
export interface MapsInterface {
  /** The model's own outputs that stay, in front. */
  readonly kept: readonly ValueInfo[];
  /** The value that holds an input of target `t`, [batch, …dims]. */
  readonly inputOf: (b: GraphBuilder, t: number, input: TargetInput, scores: string) => string;
  /** Makes outputs of what was made; `scores` is float32 [N, classes]. */
  readonly declare: (b: GraphBuilder, scores: string, targets: readonly TargetMaps[]) => void;
}

/** Every value of a map as an output, targets as inputs. @throws what `graphOfMaps` throws */
export const camGraph = (described: DescribedModel, options: CamGraphOptions): Model =>
  graphOfMaps(described, options, {
    kept: [],
    inputOf: (b, t, { name, dataType, dims }, scores) =>
      b.input(CAM.target(t, name), dataType, [b.dims(scores)[0] as number, ...dims]),
    declare(b, scores, targets) {
      b.output(scores, CAM.logits);
      targets.forEach(({ index, score, maps }, t) => {
        b.output(index, CAM.chosen(t));
        b.output(score, CAM.score(t));
        maps.forEach(({ cells, map, remainder }, m) => {
          const method = options.methods[m] as CamMethod;
          b.output(cells, CAM.cells(method, t));
          b.output(map, CAM.map(method, t));
          b.output(remainder, CAM.remainder(method, t));
        });
      });
    },
  });

/** @throws UnsupportedError `no-linear-head` when a method needs one that the network lacks, `layer-too-fine` */
export function graphOfMaps(
  described: DescribedModel,
  options: CamGraphOptions,
  { kept, inputOf, declare }: MapsInterface,
): Model {
  const { logits } = described;
  for (const method of options.methods) {
    // no layer bears on maps by the pixel
    const layers = method.kind === "pixels" ? [] : options.layers;
    for (const layer of layers) requireLayer(described, method, layer, options);
    for (const kind of options.targets) requireClassScore(method, kind);
  }
  const usesPixels = options.methods.some(({ kind }) => kind === "pixels");
  const { model, shapes } = expandOnPath(described.model, described.shapes, {
    of: [logits.value, ...options.targets.flatMap(({ values = [] }) => values)],
    wrt: [...options.layers.map(({ value }) => value), ...(usesPixels ? [described.input.name] : [])],
  });
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: kept } }, shapes);
  return b.scoped("cam", () => {
    const scores = classScores(b, logits);
    const nodes = model.graph.nodes;
    declare(b, scores, addMaps(b, described, options, { nodes, scores, inputOf }));
    // what a further output or another head computed is not asked for
    return removeDead(b.build());
  });
}

function addMaps(
  b: GraphBuilder,
  described: DescribedModel,
  options: CamGraphOptions,
  { nodes, scores, inputOf }: Pick<PixelContext, "nodes" | "scores"> & Pick<MapsInterface, "inputOf">,
): TargetMaps[] {
  return options.targets.map((kind, t) => {
    const inputs = kind.inputs.map((input) => inputOf(b, t, input, scores));
    const { score, index } = kind.build({ b, described, scores }, inputs);
    const context: GraphContext = { b, score, scores, index };
    const layers = options.layers.map((layer) => layerContext(context, layer, options));
    const pixels = pixelContext(context, described, nodes, options);
    return { score, index, maps: options.methods.map((method) => mapOf(method, t, layers, pixels, options)) };
  });
}

function mapOf(
  method: CamMethod,
  t: number,
  layers: readonly LayerOf[],
  pixels: PixelContext,
  options: CamGraphOptions,
): MadeMap {
  const { b, score } = pixels;
  if (method.kind === "pixels") {
    const map = method.map(pixels);
    return { cells: map, map, remainder: missing(b, score, map) };
  }
  const found = layers.map((context, l) =>
    method.kind === "layer" ? method.cells(context) : weighted(context, CAM.weights(method, t, l)),
  );
  const remainder = mean(
    b,
    found.map((cells) => missing(b, score, cells)),
  );
  const spreads = method.kind === "layer" && method.spreadsRemainder === true && options.spreadRemainder;
  const cells = found.map((value) => (spreads ? conserved(b, score, value) : value));
  const maps = cells.map((value, l) => {
    const shown = method.rectified ? b.op("Relu", [value]) : value;
    const { size, sigma: widths, upsampling } = options;
    const sigma = (widths[l] ?? widths[0]) as Width;
    const centres = centresOf((layers[l] as LayerOf).layer, size);
    return upsampling.build({ b, cells: shown, size, centres, sigma });
  });
  return { cells: averageCells(b, cells), map: mean(b, maps), remainder };
}

/** Σ_k w_k · A_k with weights that are fed. */
function weighted({ b, activations, sum }: LayerContext, name: string): string {
  const [batch, channels] = b.dims(activations) as [number, number];
  const weights = b.input(name, "float32", [batch, channels]);
  return sum(b.op("Mul", [activations, b.op("Unsqueeze", [weights, b.ints([2, 3])])]));
}

/** score − Σ cells, [N]. */
const missing = (b: GraphBuilder, score: string, cells: string): string =>
  b.op("Sub", [score, b.op("ReduceSum", [cells, b.ints([1, 2])], { keepdims: 0 })]);

/** The cells with an even share of what they miss. */
function conserved(b: GraphBuilder, score: string, cells: string): string {
  const [h, w] = b.dims(cells).slice(1) as [number, number];
  const share = b.op("Mul", [missing(b, score, cells), b.scalar(1 / (h * w))]);
  return b.op("Add", [cells, b.op("Unsqueeze", [share, b.ints([1, 2])])]);
}

type LayerOf = LayerContext & { readonly layer: FeatureLayer };

function layerContext(context: GraphContext, layer: FeatureLayer, options: CamGraphOptions): LayerOf {
  const { b, score } = context;
  const raw = (value: string, instead?: (node: Node) => Rule | undefined): string => {
    const seeds = new Map([[value, ones(b, value)]]);
    try {
      const [gradient] = backpropagate(b, seeds, [layer.value], instead).values();
      return gradient as string;
    } catch (error) {
      if (!isOffPath(error)) throw error;
      // a layer that does nothing but gate others gets nothing where gates are held fixed
      if (instead !== undefined) return raw(value);
      throw offPath(layer, error);
    }
  };
  const laidOut = (value: string): string => toFeatureMap(b, value, layer.layout);
  return {
    ...context,
    layer,
    activations: laidOut(layer.value),
    get gradients() {
      return laidOut(raw(score));
    },
    get conservedGradients() {
      return laidOut(raw(score, options.head === "homogeneous" ? homogeneousRule : undefined));
    },
    gradientsOf: (value) => laidOut(raw(value)),
    curvature() {
      try {
        const seeds = new Map([[raw(score), layer.value]]);
        const [product] = backpropagate(b, seeds, [layer.value]).values();
        return laidOut(product as string);
      } catch (error) {
        if (isOffPath(error)) return undefined;
        throw error;
      }
    },
    sum: (contributions) =>
      options.eigenSmooth ? principalComponent(b, contributions) : channelSum(b, contributions),
    seed: options.seed,
  };
}

const isOffPath = (error: unknown): error is SnellenError =>
  error instanceof SnellenError && error.code === "no-gradient-path";

const offPath = ({ value }: FeatureLayer, cause: SnellenError): UnsupportedError =>
  new UnsupportedError("no-gradient-path", "does not influence what is explained.", {
    where: `layer "${value}"`,
    hint: "Choose one that does: snellen inspect <model> --layers.",
    cause,
  });

function pixelContext(
  context: GraphContext,
  described: DescribedModel,
  nodes: PixelContext["nodes"],
  { size }: CamGraphOptions,
): PixelContext {
  const { name, layout } = described.input;
  const asPicture = (value: string): string => toPicture(context.b, value, layout);
  return { ...context, described, nodes, input: name, asPicture, size };
}

/** Cell centres from the layer's theoretical receptive field. */
export function centresOf(
  { field, layout }: FeatureLayer,
  size: readonly [number, number],
): [AxisCentres, AxisCentres] {
  const along = (axis: 0 | 1): AxisCentres =>
    field === undefined
      ? evenCentres(layout.grid[axis], size[axis])
      : { first: field[axis].centre, spacing: field[axis].stride };
  return [along(0), along(1)];
}
