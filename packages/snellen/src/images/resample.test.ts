// Oracle: Pillow 13, recorded by tools/reference/pillow_resample.py; equal to the bit.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Interpolation, resample } from "./resample.ts";

interface Recorded {
  readonly source: { width: number; height: number; data: string };
  readonly resized: readonly { interpolation: Interpolation; width: number; height: number; data: string }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL("./fixtures/pillow-resample.json", import.meta.url), "utf8"),
);
const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const { width, height } = recorded.source;
const source = bytes(recorded.source.data);

const whole = (scaledWidth: number, scaledHeight: number) => ({
  scaledWidth,
  scaledHeight,
  left: 0,
  top: 0,
  width: scaledWidth,
  height: scaledHeight,
});

describe("resample", () => {
  it.each(recorded.resized)("equals Pillow: $interpolation to $width x $height", (row) => {
    const out = resample(source, width, height, whole(row.width, row.height), row.interpolation);
    expect(out).toEqual(bytes(row.data));
  });

  it("computes a window as the same part of the whole", () => {
    const all = resample(source, width, height, whole(16, 40), "bicubic");
    const window = { scaledWidth: 16, scaledHeight: 40, left: 5, top: 11, width: 7, height: 9 };
    const part = resample(source, width, height, window, "bicubic");
    for (let y = 0; y < 9; y++) {
      const row = ((11 + y) * 16 + 5) * 3;
      expect(part.subarray(y * 21, (y + 1) * 21)).toEqual(all.subarray(row, row + 21));
    }
  });

  it("leaves a picture of the right size as it is", () => {
    expect(resample(source, width, height, whole(width, height), "bilinear")).toEqual(source);
  });
});
