// Saturation: colours fade towards the grey of equal luma, at severity 5 entirely; a factor beyond 1 makes them stronger.
// Arithmetic: Pillow's `ImageEnhance.Color`. ImageNet-C's `saturate` is mostly the other direction, in HSV.

import { luma } from "../../images/luma.ts";
import { defineCorruption } from "../corruption.ts";
import { blend } from "../parts/blend.ts";
import { requireLevel } from "../parts/level.ts";

export const saturation = defineCorruption<number>({
  id: "saturation",
  family: "colour",
  summary: "fades colours towards grey of the same luma",
  unit: "factor of the distance to grey",
  levels: [0.8, 0.6, 0.4, 0.2, 0],
  apply({ data }, factor) {
    requireLevel("saturation", factor, { from: 0, to: 1000 });
    const out = new Uint8Array(data.length);
    for (let i = 0; i < out.length; i += 3) {
      const grey = luma(data[i]!, data[i + 1]!, data[i + 2]!);
      out[i] = blend(grey, data[i]!, factor);
      out[i + 1] = blend(grey, data[i + 1]!, factor);
      out[i + 2] = blend(grey, data[i + 2]!, factor);
    }
    return out;
  },
});
