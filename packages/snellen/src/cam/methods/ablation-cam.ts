// Ablation-CAM: channels weighted by the share of the score that is lost without them.
// Desai and Ramaswamy, WACV 2020, equation 3: w_k = (y − y_k) / y.
import { codeOfDataType, type GraphBuilder, makeTensor } from "@snellen/graph";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { readUnaltered, scoredModel, scoresOfChannels } from "../channels/channel-scores.ts";
import { repeatPicture } from "../channels/repeat-picture.ts";
import { cutBehind } from "../channels/tail.ts";
import type { ChannelMethod } from "../method.ts";

/** Stands for the features as they are. */
const NONE = -1;

// y_k is the score with channel k set to zero, as in the paper, also where features have negative values; pytorch-grad-cam then
// sets it to their minimum − 10⁷. Class and register tokens stay as they are. Only what lies behind the layer is run, and not for
// channels that are zero already.
export const ablationCam: ChannelMethod = {
  kind: "channels",
  id: "ablation-cam",
  title: "Ablation-CAM",
  summary: "Channels weighted by the share of the score that is lost when they are set to zero.",
  paper: "Desai and Ramaswamy, WACV 2020",
  rectified: true,
  unit: "own",
  async weights(probe) {
    const { model, layer } = probe;
    const scored = scoredModel(probe);
    const tail = cutBehind(scored, layer.value, model.info.input.name);
    const inputs = tail.model.graph.inputs.map((v) => v.name);
    const { maps, feeds } = await readUnaltered(probe, scored, inputs);
    const channels = [...maps.keys()].filter((k) => maps[k]?.some((v) => v !== 0));
    const repeated = repeatPicture(
      tail,
      new Map([[layer.value, (b, value, channel) => withoutChannel(b, value, channel, layer)]]),
    );
    const [score = 0, ...without] = await scoresOfChannels(probe, "ablation-cam", repeated, feeds, [
      NONE,
      ...channels,
    ]);
    const weights = new Float32Array(layer.channels);
    for (const [i, k] of channels.entries()) weights[k] = lostShare(score, without[i] as number);
    return weights;
  },
};

/** A score of zero has no shares: the loss itself. */
const lostShare = (score: number, without: number): number => (score - without) / (score === 0 ? 1 : score);

/**
 * Copies of the layer's value, each with one channel's cells set to zero; prefix and suffix tokens stay.
 * @param channel int64 [N]
 */
function withoutChannel(
  b: GraphBuilder,
  value: string,
  channel: string,
  { layout, channels }: Pick<FeatureLayer, "layout" | "channels">,
): string {
  const { kind, channelAxis, spatialAxes, grid, prefix, suffix } = layout;
  const cells = grid[0] * grid[1];
  if (kind === "rows") {
    const tokens = b.op("Reshape", [value, b.ints([-1, prefix + cells + suffix, channels])]);
    const inner = { ...layout, kind: "tokens", channelAxis: 2, spatialAxes: [1] } as const;
    const without = withoutChannel(b, tokens, channel, { layout: inner, channels });
    return b.op("Reshape", [without, b.ints([-1, channels])]);
  }
  const axes = b.dims(value).map((_, axis) => axis);
  const along = (axis: number, size: number): number[] => axes.map((other) => (other === axis ? size : 1));
  const batchAxis = axes.find((axis) => axis !== channelAxis && !spatialAxes.includes(axis)) ?? 0;
  const counted = makeTensor("int64", along(channelAxis, channels), [...Array(channels).keys()]);
  const wanted = b.op("Reshape", [channel, b.ints(along(batchAxis, -1))]);
  const isChannel = b.op("Equal", [wanted, b.tensor(counted, "channels")]);
  // a product, as ONNX Runtime's Where makes two passes more
  const without = (gone: string): string =>
    b.op("Mul", [value, b.op("Cast", [b.op("Not", [gone])], { to: codeOfDataType(b.dataType(value)) })]);
  if (prefix + suffix === 0) return without(isChannel);
  const isCell = Array.from({ length: prefix + cells + suffix }, (_, i) =>
    i >= prefix && i < prefix + cells ? 1 : 0,
  );
  const inGrid = makeTensor("bool", along(spatialAxes[0] as number, isCell.length), isCell);
  return without(b.op("And", [isChannel, b.tensor(inGrid, "grid")]));
}
