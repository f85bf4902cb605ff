// The graph that answers "where did this score come from": the model, the gradient of the target's score down to the feature
// layer (the head only, as nothing below it is asked for), the method's cells and the upsampled map. One run, one forward.
import { backpropagate, expandOnPath } from "@snellen/autodiff";
import { createBuilder, floatTensor, type GraphBuilder, type Model, UnsupportedError } from "@snellen/graph";
import { classScores } from "../vision-model/class-scores.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { toFeatureMap } from "./feature-map.ts";
import { whyNotLinear } from "./linear-head.ts";
import type { CamMethod } from "./method.ts";
import { type AxisCentres, evenCentres, type Upsampling } from "./upsampling/upsampling.ts";

export interface CamGraphOptions {
  /** All of them in one run. */
  readonly methods: readonly CamMethod[];
  readonly layer: FeatureLayer;
  readonly upsampling: Upsampling;
  /** Height and width of the map. */
  readonly size: readonly [number, number];
  /** Width of Gaussian kernels in multiples of the cell spacing. */
  readonly sigma: number;
}

/** Names of the graph's further input and outputs. */
export const CAM = {
  /** int64 [N]: index of the target score; -1 for the highest. */
  target: "snellen_target",
  /** int64 [N]: the target that was explained. */
  chosen: "snellen_chosen",
  /** float32 [N, h, w] of a method: signed, unscaled. */
  cells: ({ id }: CamMethod) => `snellen_cells_${id}`,
  /** float32 [N, H, W] of a method: upsampled; rectified first where the method says so. */
  map: ({ id }: CamMethod) => `snellen_map_${id}`,
  /** float32 [N]. */
  score: "snellen_score",
  /** float32 [N, classes]. */
  logits: "snellen_logits",
} as const;

/** @throws UnsupportedError `no-linear-head` when a method needs one that the network lacks */
export function camGraph(described: DescribedModel, options: CamGraphOptions): Model {
  const { logits } = described;
  const { methods, layer, size, sigma } = options;
  for (const method of methods) requireHead(described, method, layer);
  const { model, shapes } = expandOnPath(described.model, described.shapes, {
    of: [logits.value],
    wrt: [layer.value],
  });
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  return b.scoped("cam", () => {
    const scores = classScores(b, logits);
    const { index, score, seed } = targetOf(b, scores, logits.classes);
    const [gradient] = backpropagate(b, new Map([[scores, seed]]), [layer.value]).values();
    b.output(index, CAM.chosen);
    b.output(score, CAM.score);
    b.output(scores, CAM.logits);
    const activations = toFeatureMap(b, layer.value, layer.layout);
    const gradients = toFeatureMap(b, gradient as string, layer.layout);
    const centres = centresOf(layer, size);
    for (const method of methods) {
      const cells = method.cells({ b, activations, gradients, score });
      const shown = method.rectified ? b.op("Relu", [cells]) : cells;
      b.output(cells, CAM.cells(method));
      b.output(options.upsampling.build({ b, cells: shown, size, centres, sigma }), CAM.map(method));
    }
    return b.build();
  });
}

/** Cell centres from the layer's theoretical receptive field. */
function centresOf(
  { field, layout }: FeatureLayer,
  size: readonly [number, number],
): [AxisCentres, AxisCentres] {
  const along = (axis: 0 | 1): AxisCentres =>
    field === undefined
      ? evenCentres(layout.grid[axis], size[axis])
      : { first: field[axis].centre, spacing: field[axis].stride };
  return [along(0), along(1)];
}

/** Score and output gradient of one class a picture: seed = one-hot, so that Σ seed·scores is the target's score. */
function targetOf(b: GraphBuilder, scores: string, classes: number) {
  const wanted = b.input(CAM.target, "int64", [b.dims(scores)[0] as number]);
  const zero = b.op("Squeeze", [b.ints([0])]);
  const highest = b.op("ArgMax", [scores], { axis: 1, keepdims: 0 });
  const index = b.op("Where", [b.op("Less", [wanted, zero]), highest, wanted]);
  const onOff = b.tensor(floatTensor([2], new Float32Array([0, 1])));
  const seed = b.op("OneHot", [index, b.ints([classes]), onOff], { axis: -1 });
  const score = b.op("ReduceSum", [b.op("Mul", [scores, seed]), b.ints([1])], { keepdims: 0 });
  return { index, score, seed };
}

/** Why a method cannot explain a layer of a network; undefined when it can. */
export const whyNot = (
  { model, logits }: DescribedModel,
  method: CamMethod,
  layer: FeatureLayer,
): string | undefined =>
  method.requires === "linear-head" ? whyNotLinear(model.graph.nodes, layer.value, logits.value) : undefined;

function requireHead(described: DescribedModel, method: CamMethod, layer: FeatureLayer): void {
  const reason = whyNot(described, method, layer);
  if (reason === undefined) return;
  throw new UnsupportedError(
    "no-linear-head",
    `${method.title} needs global average pooling and a linear classifier behind the layer: ${reason}.`,
    {
      where: `layer "${layer.value}"`,
      hint: "Use --method grad-cam, which needs neither.",
    },
  );
}
