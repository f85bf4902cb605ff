// RandomCAM: channels weighted at random, the control that every method must beat.
// As in pytorch-grad-cam: weights uniform between −1 and 1; here from a seed, and the same for all images.
import { floatTensor } from "@snellen/graph";
import { randomStream } from "../../random.ts";
import type { LayerMethod } from "../method.ts";

export const randomCam: LayerMethod = {
  kind: "layer",
  id: "random-cam",
  title: "RandomCAM",
  summary: "Channels weighted at random: a control, not an explanation.",
  paper: "control; uniform weights as in pytorch-grad-cam",
  rectified: true,
  unit: "own",
  ignoresTarget: true,
  cells({ b, activations, sum, seed }) {
    const channels = b.dims(activations)[1] as number;
    const random = randomStream(seed);
    const weights = Float32Array.from({ length: channels }, () => random.uniform(-1, 1));
    return sum(b.op("Mul", [activations, b.tensor(floatTensor([1, channels, 1, 1], weights), "random")]));
  },
};
