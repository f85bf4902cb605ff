// The closed form beside what was measured: for a block of a graph, with what the formula takes for granted measured there too.
// Formulas: normalization/groups/closed-form.ts (derived here, after arXiv:2302.03193).
import {
  BATCH,
  createBuilder,
  elementCount,
  type GraphBuilder,
  makeTensor,
  removeDead,
  withGraph,
} from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../../images/image.ts";
import { activationOf } from "../../normalization/groups/activations.ts";
import { type ClosedFormGain, closedFormGain } from "../../normalization/groups/closed-form.ts";
import { gaussianMoments } from "../../normalization/groups/gaussian-moments.ts";
import type { LayerBlock } from "../../normalization/groups/layer-block.ts";
import { asFloat } from "../../vision-model/as-float.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";

/** What a block reads, in numbers: means over images. */
export interface InputStatistics {
  /** Of what the weights read: values near a zero-padded border, which are smaller behind other convolutions, are read less. */
  readonly meanSquare: number;
  /** Share of the mean square that is one number per channel: see `GainSetting.offsetShare`. */
  readonly offsetShare: number;
}

/**
 * The closed form, by norm.
 * @param input undefined: unit variance before the activation, positions independent
 * @returns undefined where no formula speaks of the block: no weight, or an activation without an entry
 */
export function blockFormula(
  block: LayerBlock,
  groups: number,
  input?: InputStatistics,
): ClosedFormGain | undefined {
  const { weight, normalization, positions } = block;
  const [activation, inputActivation] = [idOf(block.activation), idOf(block.inputActivation)];
  if (weight === undefined || activation === undefined || inputActivation === undefined) return undefined;
  const formula = closedFormGain({
    groups,
    channels: normalization.channels,
    fanIn: Math.max(1, weight.fanIn),
    fanOut: Math.max(1, weight.fanOut),
    kernelPositions: weight.kernel,
    stride: Math.sqrt(weight.stride),
    sizeRatio: block.outputSize / block.inputSize,
    activation,
    inputActivation,
    position: block.position,
    spatial: Math.round(positions),
    // a normalized input of a single position is what it is
    ...(input === undefined || positions === 1 ? {} : { offsetShare: Math.min(input.offsetShare, 0.999) }),
    convention: "norm",
  });
  const taken = block.position === "after-activation" ? 1 : gaussianMoments(activationOf(inputActivation)).q;
  const scale = input === undefined ? 1 : taken / input.meanSquare;
  return { ...formula, gain: formula.gain === null ? null : formula.gain * scale };
}

/** Undefined for functions that the registry does not hold, and for slopes other than its own. */
const idOf = (activation: LayerBlock["activation"]): string | undefined => {
  if (activation === "none") return "none";
  return activation.slope === undefined ? activation.id : undefined;
};

/** Of the inputs of blocks, in their order. */
export async function inputStatistics(
  model: VisionModel,
  blocks: readonly LayerBlock[],
  images: readonly ImageInput[],
  signal?: AbortSignal,
): Promise<InputStatistics[]> {
  const { info } = model;
  const graph = () => {
    const b = createBuilder(withGraph(info.model, { outputs: [] }), info.shapes);
    blocks.forEach((block, i) => {
      addStatistics(b, block, i);
    });
    return removeDead(b.build());
  };
  const sums = blocks.map(() => ({ square: 0, share: 0 }));
  const size = info.batch.fixed ?? BATCH_SIZE;
  for (let first = 0; first < images.length; first += size) {
    const some = images.slice(first, first + size);
    const key = `input statistics ${blocks.map(({ normalization }) => normalization.output).join()}`;
    const [outputs = {}] = await model.run(key, graph, some, undefined, signal);
    sums.forEach((sum, i) => {
      const of = (name: (i: number) => string) => (outputs[name(i)] as Tensor).data as Float32Array;
      const [squares, offsets, read] = [of(SQUARE), of(OFFSET), of(READ)];
      for (let n = 0; n < some.length; n++) {
        const square = squares[n] as number;
        sum.square += (read[n] as number) / images.length;
        sum.share += square === 0 ? 0 : (offsets[n] as number) / square / images.length;
      }
    });
  }
  return sums.map(({ square, share }) => ({ meanSquare: square, offsetShare: share }));
}

const BATCH_SIZE = 4;
const SQUARE = (i: number): string => `snellen_square_${i}`;
const OFFSET = (i: number): string => `snellen_offset_${i}`;
const READ = (i: number): string => `snellen_read_${i}`;

/** Outputs [N]: the mean square, the mean over channels of (mean over positions)², and the mean square as the weights read it. */
function addStatistics(b: GraphBuilder, block: LayerBlock, i: number): void {
  const { input, normalization } = block;
  const x = asFloat(b, input);
  const channelAxis = b.rank(input) === b.rank(normalization.input) ? normalization.channelAxis : 1;
  const mean = (of: string, axes: readonly number[], keepdims = 0): string =>
    axes.length === 0 ? of : b.op("ReduceMean", [of, b.ints(axes)], { keepdims });
  const others = Array.from({ length: b.rank(x) - 1 }, (_, axis) => axis + 1);
  const positions = others.filter((axis) => axis !== channelAxis);
  const perChannel = mean(x, positions);
  const squares = b.op("Mul", [x, x]);
  const square = mean(squares, others);
  b.output(square, SQUARE(i));
  b.output(mean(b.op("Mul", [perChannel, perChannel]), [1]), OFFSET(i));
  const node = block.weight?.node;
  const kernel = node === undefined ? [] : b.dims(node.inputs[1] as string).slice(2);
  if (node?.opType !== "Conv" || kernel.every((side) => side === 1)) {
    b.output(square, READ(i));
    return;
  }
  // what each kernel position reads, over the share of them that are inside the map
  const { group: _, ...attributes } = node.attributes;
  const ones = (dims: readonly number[], name: string) =>
    b.tensor(makeTensor("float32", dims, new Array(elementCount(dims)).fill(1)), name);
  const read = (map: string): string =>
    mean(b.op("Conv", [map, ones([1, 1, ...kernel], "kernel")], attributes), others);
  const sides = b.dims(input).map((d, axis) => (axis === 0 || axis === channelAxis || d === BATCH ? 1 : d));
  b.output(b.op("Div", [read(mean(squares, [channelAxis], 1)), read(ones(sides, "inside"))]), READ(i));
}
