// Score-CAM: channels weighted by the score that the network gives to what they let through of the picture.
// Wang et al., CVPR Workshops 2020, arXiv:1910.01279, algorithm 1: w = softmax_k f(x ∘ H_k), H_k the channel scaled to [0, 1].
import { codeOfDataType, type GraphBuilder, isFloating, removeDead } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { asFloat } from "../../vision-model/as-float.ts";
import type { SizedInput } from "../../vision-model/preprocessing.ts";
import { readUnaltered, scoredModel, scoresOfChannels } from "../channels/channel-scores.ts";
import { type Alteration, repeatPicture } from "../channels/repeat-picture.ts";
import type { ChannelMethod } from "../method.ts";

/** float32 [K + 1, h, w]: the feature map, and a channel of zeros. */
const MAPS = "snellen_maps";

/** Keeps the division finite, as in pytorch-grad-cam. */
const EPSILON = 1e-8;

// As in pytorch-grad-cam: maps are upsampled with the outer cells' centres on the picture's corners, scaled to [0, 1] afterwards
// and multiplied onto the tensor that the network takes, whose zeros are what normalization made of the mean colour (black where
// it takes bytes). The paper subtracts the score of a baseline, which Softmax does not see. Channels that are the same everywhere
// let nothing through; they share one run.
export const scoreCam: ChannelMethod = {
  kind: "channels",
  id: "score-cam",
  title: "Score-CAM",
  summary:
    "Channels weighted by the score of the picture seen through each of them, by Softmax over channels.",
  paper: "Wang et al., CVPR Workshops 2020, arXiv:1910.01279",
  rectified: true,
  unit: "own",
  async weights(probe) {
    const { model, layer } = probe;
    const { input } = model.info;
    const whole = scoredModel(probe);
    const scored = { ...whole, model: removeDead(whole.model) };
    const { grid } = layer.layout;
    const masked: Alteration = (b, picture, channel) =>
      seenThrough(b, picture, upsampled(b, channel, [layer.channels + 1, ...grid], input), input);
    const repeated = repeatPicture(scored, new Map([[input.name, masked]]));
    const inputs = scored.model.graph.inputs.map((v) => v.name);
    const { maps, feeds } = await readUnaltered(probe, whole, inputs);
    const nothing = maps.length;
    const masks = maps.map((map, k) => (map.every((v) => v === map[0]) ? nothing : k));
    const channels = [...new Set(masks)];
    const fed = { ...feeds, [MAPS]: withZeros(maps, grid) };
    const scores = await scoresOfChannels(probe, "score-cam", repeated, fed, channels);
    const scoreOf = new Map(channels.map((k, i) => [k, scores[i] as number]));
    return softmax(masks.map((k) => scoreOf.get(k) as number));
  },
};

/** The maps as one tensor, with another of zeros behind them. */
function withZeros(maps: readonly Float32Array[], [h, w]: readonly [number, number]): Tensor {
  const values = new Float32Array((maps.length + 1) * h * w);
  for (const [k, map] of maps.entries()) values.set(map, k * h * w);
  return new Tensor("float32", values, [maps.length + 1, h, w]);
}

/** Each copy's channel at the picture's size, float32 [N, 1, H, W]. */
function upsampled(
  b: GraphBuilder,
  channel: string,
  dims: readonly [number, number, number],
  { size }: SizedInput,
): string {
  const maps = b.input(MAPS, "float32", dims);
  const chosen = b.op("Unsqueeze", [b.op("Gather", [maps, channel], { axis: 0 }), b.ints([1])]);
  return b.op("Resize", [chosen, "", "", b.ints(size)], {
    axes: [2, 3],
    mode: "linear",
    coordinate_transformation_mode: "align_corners",
  });
}

/** The picture times masks scaled to [0, 1], in its own layout and type. */
function seenThrough(b: GraphBuilder, picture: string, masks: string, { layout, size }: SizedInput): string {
  const axes = b.ints([1, 2, 3]);
  const lowest = b.op("ReduceMin", [masks, axes], { keepdims: 1 });
  const range = b.op("Sub", [b.op("ReduceMax", [masks, axes], { keepdims: 1 }), lowest]);
  const scaled = b.op("Div", [b.op("Sub", [masks, lowest]), b.op("Add", [range, b.scalar(EPSILON)])]);
  const laidOut = layout === "NCHW" ? scaled : b.op("Reshape", [scaled, b.ints([-1, ...size, 1])]);
  const type = b.dataType(picture);
  if (type === "float32") return b.op("Mul", [picture, laidOut]);
  const product = b.op("Mul", [asFloat(b, picture), laidOut]);
  return b.op("Cast", [isFloating(type) ? product : b.op("Round", [product])], { to: codeOfDataType(type) });
}

function softmax(scores: readonly number[]): Float32Array {
  const highest = scores.reduce((a, c) => Math.max(a, c), -Infinity);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((a, c) => a + c, 0);
  return Float32Array.from(powers, (power) => power / total);
}
