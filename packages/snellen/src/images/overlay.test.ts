// Oracle: alpha blending by hand, (1 − α) · picture + α · colour with α = opacity · (veil + (1 − veil) · share).
import { InternalError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { colorMap } from "./color-maps.ts";
import { heatColor, overlay, sideBySide } from "./overlay.ts";

const row = (...values: number[]) => ({
  values: Float32Array.from(values),
  dims: [1, values.length] as const,
});
const pixel = (picture: { data: Uint8Array }, i: number) => [...picture.data.subarray(3 * i, 3 * i + 3)];
const gray = colorMap("gray");

describe("overlay", () => {
  it("blends by the value's share of the range", () => {
    const out = overlay(createCanvas(3, 1, [100, 200, 0]), row(-5, 1, 9), {
      colorMap: gray,
      opacity: 0.8,
      low: 0,
      high: 2,
    });
    // α 0.44 of black, 0.62 of 128, 0.8 of white
    expect([0, 1, 2].map((i) => pixel(out, i))).toEqual([
      [56, 112, 0],
      [117, 155, 79],
      [224, 244, 204],
    ]);
  });

  it("shows the strongest value in full colour unless a range is given", () => {
    const out = overlay(createCanvas(2, 1), row(0.5, 2), { opacity: 1 });
    expect(pixel(out, 1)).toEqual(heatColor(1));
  });

  it("shows signs as two colours around the middle", () => {
    const sunset = colorMap("sunset");
    const out = overlay(createCanvas(3, 1), row(-2, 0, 2), { opacity: 1, signed: true });
    expect(pixel(out, 0)).toEqual(heatColor(0, sunset));
    expect(pixel(out, 2)).toEqual(heatColor(1, sunset));
    // 0.4 of the middle over white
    expect(pixel(out, 1)).toEqual(heatColor(0.5, sunset).map((c) => Math.round(0.6 * 255 + 0.4 * c)));
  });

  it("takes the picture's colours away on request: luma of Rec. 601", () => {
    const out = overlay(createCanvas(1, 1, [255, 0, 0]), row(0), { opacity: 0, grey: true });
    expect(pixel(out, 0)).toEqual([76, 76, 76]);
  });

  it("shows maps of nothing, and NaN, as nothing", () => {
    const nothing = overlay(createCanvas(2, 1), row(0, 0));
    expect(overlay(createCanvas(2, 1), row(-1, Number.NaN), { high: 1 })).toEqual(nothing);
    const signed = overlay(createCanvas(1, 1), row(0), { signed: true, opacity: 1 });
    expect(pixel(signed, 0)).toEqual(
      pixel(overlay(createCanvas(1, 1), row(0), { signed: true, high: 3, opacity: 1 }), 0),
    );
  });

  it("draws contours at shares of full colour", () => {
    const out = overlay(createCanvas(4, 1), row(0, 1, 2, 4), { contour: [0.5], opacity: 0 });
    expect([0, 1, 2, 3].map((i) => pixel(out, i)[0])).toEqual([255, 0, 255, 255]);
  });

  it("leaves its inputs as they are", () => {
    const [picture, map] = [createCanvas(2, 1, [1, 2, 3]), row(0, 1)];
    overlay(picture, map, { contour: [0.5], grey: true });
    expect(picture).toEqual(createCanvas(2, 1, [1, 2, 3]));
    expect(map).toEqual(row(0, 1));
  });

  it("refuses a map of another size", () => {
    expect(() => overlay(createCanvas(2, 2), row(0, 1))).toThrow(InternalError);
    expect(() => overlay(createCanvas(2, 2), row(0, 1))).toThrow("a map of 1x2 for a picture of 2x2 pixels");
  });
});

describe("sideBySide", () => {
  it("puts pictures beside one another, grey between and below", () => {
    const out = sideBySide([createCanvas(2, 1, [1, 1, 1]), createCanvas(1, 2, [2, 2, 2])], 1);
    expect([out.width, out.height]).toEqual([4, 2]);
    expect(Array.from({ length: 8 }, (_, i) => out.data[3 * i])).toEqual([1, 1, 128, 2, 128, 128, 128, 2]);
  });
});
