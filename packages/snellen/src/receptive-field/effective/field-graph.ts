// The graph that accumulates R over a batch: the model, for every unit in question its gradient with respect to the picture,
// and the sum over the batch of what each picture contributes. One forward run for all units.
import { backpropagate, expandOnPath } from "@snellen/autodiff";
import {
  createBuilder,
  type GraphBuilder,
  type Model,
  makeTensor,
  removeDead,
  type Tensor,
  UsageError,
} from "@snellen/graph";
import { toFeatureMap, toPicture } from "../../cam/feature-map.ts";
import { ones } from "../../cam/method.ts";
import type { TargetKind } from "../../cam/targets/target.ts";
import { asFloat } from "../../vision-model/as-float.ts";
import { classScores } from "../../vision-model/class-scores.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { Accumulation } from "./accumulation.ts";
import { hasConstantMean } from "./constant-mean.ts";
import { cropToCell } from "./crop-to-cell.ts";

export interface FieldGraphOptions {
  readonly layers: readonly FeatureLayer[];
  /** The score whose R is wanted too. */
  readonly target?: TargetKind;
  readonly accumulation: Accumulation;
}

/** Names of the graph's further inputs and outputs. */
export const FIELD = {
  /** float32 [N]: 1 for a picture that counts, 0 for one that only fills up a fixed batch. */
  counted: "snellen_counted",
  /** Value of the target's own input. */
  target: (input: string) => `snellen_target_${input}`,
  /** float32 [H, W]: contributions of the batch to a layer's R. */
  layer: (l: number) => `snellen_field_${l}`,
  /** float32 [H, W]: contributions of the batch to the score's R. */
  score: "snellen_field_score",
  /** int64 [N]: the class of the highest score. */
  predicted: "snellen_predicted",
} as const;

/**
 * The cell that stands for a feature map, as the published algorithm has it: ⌊n/2⌋ along each axis of a map; of token grids of
 * even side the upper left of the central four.
 * @throws UsageError `one-cell-map` for a map of a single cell
 */
export function centreCell({ value, layout: { kind, grid } }: FeatureLayer): readonly [number, number] {
  const [h, w] = grid;
  if (h * w === 1)
    throw new UsageError("one-cell-map", "the map is a single cell, which has no field of its own.", {
      where: `layer "${value}"`,
      hint: "Choose a layer with rows and columns: snellen inspect <model> --layers.",
    });
  const along = (n: number): number => Math.floor(kind === "map" ? n / 2 : (n - 1) / 2);
  return [along(h), along(w)];
}

/** @throws UsageError `one-cell-map`; UnsupportedError `no-gradient-rule`, `no-gradient-path` */
export function fieldGraph(described: DescribedModel, options: FieldGraphOptions): Model {
  const { input, logits } = described;
  const { layers, target, accumulation } = options;
  const { model, shapes } = expandOnPath(described.model, described.shapes, {
    of: [...layers.map(({ value }) => value), ...(target === undefined ? [] : [logits.value])],
    wrt: [input.name],
  });
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  // several units share one run over whole maps
  const isAlone = layers.length === 1 && target === undefined;
  return b.scoped("field", () => {
    const counted = b.input(FIELD.counted, "float32", [b.dims(input.name)[0] as number]);
    const weights = b.op("Unsqueeze", [counted, b.ints([1, 2])]);
    const accumulate = (unit: string, name: string): void => {
      const [gradient] = backpropagate(b, new Map([[unit, ones(b, unit)]]), [input.name]).values();
      const each = accumulation.contribution(b, toPicture(b, gradient as string, input.layout));
      b.output(b.op("ReduceSum", [b.op("Mul", [each, weights]), b.ints([0])], { keepdims: 0 }), name);
    };
    layers.forEach((layer, l) => {
      if (hasConstantMean(described, layer, accumulation)) {
        b.output(b.tensor(nothing(input.size)), FIELD.layer(l));
        return;
      }
      const cell = isAlone ? cropToCell(b, model.graph.nodes, layer, centreCell(layer)) : undefined;
      const centre =
        cell === undefined ? centreOf(b, layer) : b.op("Squeeze", [asFloat(b, cell), b.ints([2, 3])]);
      accumulate(accumulation.unit(b, centre), FIELD.layer(l));
    });
    if (target !== undefined) {
      const scores = classScores(b, logits);
      const batch = b.dims(scores)[0] as number;
      const inputs = target.inputs.map(({ name, dataType, dims }) =>
        b.input(FIELD.target(name), dataType, [batch, ...dims]),
      );
      accumulate(target.build({ b, described, scores }, inputs).score, FIELD.score);
      b.output(b.op("ArgMax", [scores], { axis: 1, keepdims: 0 }), FIELD.predicted);
    }
    return removeDead(b.build());
  });
}

/** R of no gradient. */
const nothing = (size: readonly [number, number]): Tensor =>
  makeTensor("float32", size, new Array(size[0] * size[1]).fill(0));

/** What the centre of a feature map holds, float32 [N, K]: Σ one-hot · map, whose gradient is a mask. */
function centreOf(b: GraphBuilder, layer: FeatureLayer): string {
  const [h, w] = layer.layout.grid;
  const [row, column] = centreCell(layer);
  const mask = Array.from({ length: h * w }, (_, i) => (i === row * w + column ? 1 : 0));
  const map = toFeatureMap(b, layer.value, layer.layout);
  const centre = b.op("Mul", [map, b.tensor(makeTensor("float32", [1, 1, h, w], mask))]);
  return b.op("ReduceSum", [centre, b.ints([2, 3])], { keepdims: 0 });
}
