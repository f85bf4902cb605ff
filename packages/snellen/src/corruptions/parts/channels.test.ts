import { expect, it } from "vitest";
import { noisePicture } from "../test-support/pictures.ts";
import { channelHistograms, channelMeans } from "./channels.ts";

const { data } = noisePicture(33, 40);
const channels = [0, 1, 2].map((c) => Array.from(data).filter((_, i) => i % 3 === c));

it("counts every byte of every channel", () => {
  for (const [c, histogram] of channelHistograms(data).entries())
    for (let byte = 0; byte < 256; byte++)
      expect(histogram[byte]).toBe(channels[c]!.filter((value) => value === byte).length);
});

it("averages channels", () => {
  for (const [c, mean] of channelMeans(data).entries())
    expect(mean).toBeCloseTo(channels[c]!.reduce((a, b) => a + b) / (33 * 40), 10);
});
