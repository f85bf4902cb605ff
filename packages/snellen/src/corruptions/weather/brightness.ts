// Brightness: the value of hue, saturation and value is raised, as by a longer exposure. Constants and recipe: ImageNet-C
// (Hendrycks & Dietterich 2019).
import { defineCorruption } from "../corruption.ts";
import { hsvToRgb, rgbToHsv } from "../parts/hsv.ts";

export const brightness = defineCorruption<number>({
  id: "brightness",
  family: "weather",
  imagenetC: "common",
  summary: "adds to the value of every pixel and keeps its hue and saturation",
  unit: "what is added to the value, in parts of the range",
  levels: [0.1, 0.2, 0.3, 0.4, 0.5],
  apply({ data }, added) {
    const out = new Uint8Array(data.length);
    const hsv = new Float64Array(3);
    for (let i = 0; i < data.length; i += 3) {
      rgbToHsv(data, i, hsv);
      const value = hsv[2]! + added;
      hsv[2] = value > 1 ? 1 : value < 0 ? 0 : value;
      hsvToRgb(hsv, out, i);
    }
    return out;
  },
});
