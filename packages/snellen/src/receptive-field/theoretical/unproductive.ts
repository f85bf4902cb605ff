// Layers that cannot see more of the image than their input has seen, and the resolutions at which there are none.
// Richter, Schöning, Wiedenroth, Krumnack, "Should you go deeper?", arXiv:2106.12307: convolutions behind the border layer.
import { type Node, nodeTitle } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { ancestors } from "../../vision-model/score-parts.ts";
import { both, gridWindows, isConvolution, isOfMaps, type Pair } from "./grid-windows.ts";
import { fieldsOf } from "./receptive-field.ts";
import { fieldSize, type GridAxis } from "./theoretical.ts";

/** A convolution that cannot see more of the image along some axis than its input has seen (arXiv:2106.12307). */
export interface UnproductiveLayer {
  readonly node: string;
  readonly opType: string;
  /** The value that it computes. */
  readonly value: string;
  readonly kernel: Pair;
  /** Size of its input's receptive field, pixels; null for the whole image. */
  readonly inputField: Pair<number | null>;
  /** Axes with a kernel above 1 along which the input's field exceeds the image. */
  readonly along: readonly AxisName[];
  /** Whether these are all axes with a kernel above 1; along another one it may still add context. */
  readonly isUnproductive: boolean;
}

type AxisName = "rows" | "columns";

const AXES: readonly (readonly [GridAxis, AxisName])[] = [
  [0, "rows"],
  [1, "columns"],
];

/**
 * Convolutions on the way to the scores whose input's receptive field is larger than the image, at the size that the model was
 * described for, each axis for itself. Only kernels above 1 count, as no others add context. The field is the largest of all
 * paths'; shorter ones (residual connections) may bring smaller fields, for which the layer still adds context. Sizes are compared,
 * not places: cells at the border see less than they could. An input that has the whole image by attention, global pooling or
 * gates is no case for the rule: `feasibleResolutions` names those layers.
 */
export function unproductiveLayers(info: DescribedModel): readonly UnproductiveLayer[] {
  return reachingLayers(info).flatMap(({ node, kernel, inputField }) => {
    const wide = AXES.filter(([axis]) => kernel[axis] > 1);
    const along = wide.filter(([axis]) => {
      const size = inputField[axis];
      return Number.isFinite(size) && size > info.input.size[axis];
    });
    if (along.length === 0) return [];
    return [
      {
        node: nodeTitle(node),
        opType: node.opType,
        value: node.outputs[0] as string,
        kernel,
        inputField: both((axis) => (Number.isFinite(inputField[axis]) ? inputField[axis] : null)),
        along: along.map(([, name]) => name),
        isUnproductive: along.length === wide.length,
      },
    ];
  });
}

/** Input sizes that suit a network, in pixels, rows and columns apart. */
export interface FeasibleResolutions {
  /** Least size at which the coarsest map has two cells: twice its stride. */
  readonly smallest: Pair;
  /** Stride of the coarsest map; what exceeds its multiples, fewer windows see. */
  readonly multipleOf: Pair;
  /**
   * Least size at which no convolution is unproductive: the largest field that one has for input. 1 where none has a kernel above
   * 1 along the axis; null where all of those have the whole image before them.
   */
  readonly productive: Pair<number | null>;
  /** Convolutions that have the whole image before them at any size (attention, global pooling, gates): not bound by the rule. */
  readonly unbounded: readonly string[];
}

/**
 * Input sizes [rows, columns] that suit the graph, by the definition of `unproductiveLayers`. They say nothing of what a file fixes
 * (learned positions, flattened maps): that has to be exported anew.
 */
export function feasibleResolutions(info: DescribedModel): FeasibleResolutions {
  const layers = reachingLayers(info);
  const stride = both((axis) =>
    info.layers.layers.reduce((most, { field }) => Math.max(most, Math.ceil(field?.[axis].stride ?? 1)), 1),
  );
  return {
    smallest: both((axis) => 2 * stride[axis]),
    multipleOf: stride,
    productive: both((axis) => {
      const sizes = layers.filter(({ kernel }) => kernel[axis] > 1).map((layer) => layer.inputField[axis]);
      const bounded = sizes.filter(Number.isFinite);
      return sizes.length > 0 && bounded.length === 0 ? null : Math.ceil(Math.max(1, ...bounded));
    }),
    unbounded: layers
      .filter(({ inputField }) => !inputField.every(Number.isFinite))
      .map(({ node }) => nodeTitle(node)),
  };
}

interface Reaching {
  readonly node: Node;
  readonly kernel: Pair;
  readonly inputField: Pair;
}

/** Convolutions with a kernel above 1 between image and scores, in graph order. */
function reachingLayers(info: DescribedModel): Reaching[] {
  const found = fieldsOf(info);
  const leading = ancestors(found.b, info.logits.value);
  return info.model.graph.nodes.flatMap((node) => {
    const field = found.fields.get(node.inputs[0] ?? "");
    const isLeading = node.outputs.some((name) => leading.has(name));
    if (field === undefined || !isLeading || !isConvolution(node) || !isOfMaps(found, node)) return [];
    const windows = gridWindows(found, node);
    const kernel = both((axis) => windows[axis].kernel);
    return kernel.every((size) => size === 1)
      ? []
      : [{ node, kernel, inputField: both((axis) => fieldSize(field[axis])) }];
  });
}
