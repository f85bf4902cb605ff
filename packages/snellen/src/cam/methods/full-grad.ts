// FullGrad: the input's share of the score and every bias's, each made absolute, stretched and laid over the others.
// Srinivas and Fleuret, "Full-gradient representation for neural network visualization", NeurIPS 2019, equation 5.
import { backpropagate } from "@snellen/autodiff";
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import { channelSum, ones, type PixelContext, type PixelMethod } from "../method.ts";
import { resizeCells } from "../upsampling/resize.ts";

/** Keeps the quotient finite where a map is flat; pytorch-grad-cam's. */
const EPSILON = 1e-7;

/** A bias that lies at every position of a map: the map, and the bias of each channel, [1, C, 1, 1]. */
interface Bias {
  readonly value: string;
  readonly bias: string;
}

export const fullGrad: PixelMethod = {
  kind: "pixels",
  id: "full-grad",
  title: "FullGrad",
  summary:
    "Input times gradient and every spatial bias times its gradient, absolute, each stretched to 0..1 and added.",
  paper: "Srinivas and Fleuret, NeurIPS 2019, arXiv:1905.00780, eq. 5",
  rectified: false,
  unit: "own",
  map(context) {
    const { b, score, input, asPicture, size } = context;
    const found = biasesBehind(context);
    const values = [...new Set([input, ...found.map(({ value }) => value)])];
    const gradients = backpropagate(b, new Map([[score, ones(b, score)]]), values);
    const picture = b.op("Mul", [asPicture(input), asPicture(gradients.get(input) as string)]);
    const maps = found.map(({ value, bias }) => {
      const share = stretched(b, b.op("Mul", [gradients.get(value) as string, bias]));
      // summed before it is resized, which is linear: one map instead of one a channel
      return resizeCells({ b, cells: share, size }, "linear");
    });
    return [stretched(b, picture), ...maps].reduce((a, c) => b.op("Add", [a, c]));
  },
};

/** |value| of [N, C, h, w], each channel stretched to 0..1, summed over channels. */
function stretched(b: GraphBuilder, value: string): string {
  const positive = b.op("Abs", [value]);
  const lifted = b.op("Sub", [positive, b.op("ReduceMin", [positive, b.ints([2, 3])], { keepdims: 1 })]);
  const highest = b.op("ReduceMax", [lifted, b.ints([2, 3])], { keepdims: 1 });
  return channelSum(b, b.op("Div", [lifted, b.op("Add", [highest, b.scalar(EPSILON)])]));
}

/** Biases of convolutions and batch normalizations between image and score. */
function biasesBehind({ b, nodes, input, score }: PixelContext): Bias[] {
  const fromImage = new Set([input]);
  for (const node of nodes)
    if (node.inputs.some((name) => fromImage.has(name))) for (const name of node.outputs) fromImage.add(name);
  const toScore = new Set([score]);
  for (const name of toScore) for (const from of b.producer(name)?.inputs ?? []) toScore.add(from);
  return nodes.flatMap((node) => {
    const value = node.outputs[0] as string;
    if (!fromImage.has(value) || !toScore.has(value)) return [];
    const dims = b.shapes.probes[0]?.get(value)?.dims ?? [];
    if (dims.length !== 4 || (dims[2] as number) * (dims[3] as number) === 1) return [];
    const bias = biasOf(b, node);
    return bias === undefined ? [] : [{ value, bias: b.op("Reshape", [bias, b.ints([1, -1, 1, 1])]) }];
  });
}

/** [C]; undefined where the operator adds none. */
function biasOf(b: GraphBuilder, node: Node): string | undefined {
  const [, scale = "", shift = "", mean = "", variance = ""] = node.inputs;
  if (node.opType === "Conv" || node.opType === "ConvTranspose") return shift === "" ? undefined : shift;
  if (node.opType !== "BatchNormalization") return undefined;
  const epsilon = b.scalar(attr.float(node, "epsilon", 1e-5), variance);
  const deviation = b.op("Sqrt", [b.op("Add", [variance, epsilon])]);
  return b.op("Sub", [shift, b.op("Div", [b.op("Mul", [mean, scale]), deviation])]);
}
