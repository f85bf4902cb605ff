// Random order of red, green and blue, for things whose identity is not in their hue. As torchvision's `RandomChannelPermutation`.
// The embedded networks were trained with it (`tools/models`).
import type { AugmentationKind } from "./augmentation.ts";
import { requireAtMost } from "./values.ts";

const USAGE = "channel-shuffle";

export const channelShuffle: AugmentationKind = {
  id: "channel-shuffle",
  summary: "exchanges red, green and blue, each of the six orders equally likely",
  usage: USAGE,
  bind(values) {
    requireAtMost(values, 0, USAGE);
    return (pixels, random) => {
      const [red, green, blue] = random.permutation(3) as [number, number, number];
      const { data } = pixels;
      const out = new Uint8Array(data.length);
      for (let i = 0; i < out.length; i += 3) {
        out[i] = data[i + red]!;
        out[i + 1] = data[i + green]!;
        out[i + 2] = data[i + blue]!;
      }
      return { ...pixels, data: out };
    };
  },
};
