// Saturation scaled in hue, saturation and value: pale at the first two severities, glaring at the others. Constants and recipe:
// ImageNet-C (Hendrycks & Dietterich 2019). With an offset grey turns reddish, for its hue is 0.
import { defineCorruption } from "../corruption.ts";
import { hsvToRgb, rgbToHsv } from "../parts/hsv.ts";

interface SaturateLevel {
  readonly factor: number;
  /** In parts of the range. */
  readonly offset: number;
}

export const saturate = defineCorruption<SaturateLevel>({
  id: "saturate",
  family: "digital",
  imagenetC: "validation",
  summary: "multiplies the saturation of every pixel and adds to it",
  unit: "factor, and offset in parts of the range",
  levels: [
    { factor: 0.3, offset: 0 },
    { factor: 0.1, offset: 0 },
    { factor: 2, offset: 0 },
    { factor: 5, offset: 0.1 },
    { factor: 20, offset: 0.2 },
  ],
  apply({ data }, { factor, offset }) {
    const out = new Uint8Array(data.length);
    const hsv = new Float64Array(3);
    for (let i = 0; i < data.length; i += 3) {
      rgbToHsv(data, i, hsv);
      const saturation = hsv[1]! * factor + offset;
      hsv[1] = saturation > 1 ? 1 : saturation < 0 ? 0 : saturation;
      hsvToRgb(hsv, out, i);
    }
    return out;
  },
});
