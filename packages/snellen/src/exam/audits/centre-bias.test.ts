// Oracle: made-up fields with all of R in known places.
import { describe, expect, it } from "vitest";
import type { Image } from "../../images/image.ts";
import { fieldMap, fields, gaussianMap, scoreField } from "../test-support/artifacts.ts";
import { centreBias } from "./centre-bias.ts";

const judge = (centralShare: number | null, map = fieldMap(() => 1), n = 64) =>
  centreBias.audit({ fields: fields({ score: scoreField({ centralShare, n }, map) }) } as never);

describe("centre-bias", () => {
  it("informs of the central share beside an even one, and of the offset", () => {
    expect(judge(0.4)).toMatchObject({
      verdict: "informative",
      summary:
        "40 % of R lies in the central quarter of the image (25 % if all pixels counted alike); its centre of mass lies 0.0 % of the width right of the image's and 0.0 % of the height below it; 64 images.",
    });
  });

  it("asks for attention when the centre has more than the rest", () => {
    expect(judge(0.5).verdict).toBe("informative");
    expect(judge(0.51).verdict).toBe("attention");
  });

  it("asks for attention when R lies to one side", () => {
    // all of R in the upper left pixel: its centre is half a pixel from the corner, 1/2 − 1/64 and 1/2 − 1/48 from the middle
    expect(
      judge(
        0,
        fieldMap((y, x) => (x + y === 0 ? 1 : 0)),
      ),
    ).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining(
        "lies 48.4 % of the width left of the image's and 47.9 % of the height above it",
      ),
    });
    // halves of even R, weights w and 1 − w: |w − 1/2| / 2 from the middle, 0.1 at 0.7
    const halves = (lower: number) => fieldMap((y) => (y < 12 ? 1 - lower : lower));
    expect(judge(0.25, halves(0.69)).verdict).toBe("informative");
    expect(judge(0.25, halves(0.71))).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining("10.5 % of the height below it"),
    });
  });

  it("marks the centre of mass and the central quarter", () => {
    const [{ caption, image }] = judge(0.5, gaussianMap([6, 24], 2)).evidence as unknown as [
      { caption: string; image: Image },
    ];
    expect(caption).toContain("circle: R's centre of mass");
    // 24 x 32 pixels of 14; R is dark there, the lines are white
    const isBright = (y: number, x: number) => (image.data[3 * (y * image.width + x)] as number) > 150;
    expect(isBright(6 * 14, 8 * 14)).toBe(true);
    expect(isBright(6 * 14 + 30, 8 * 14 + 30)).toBe(false);
  });

  it("decides nothing by few images", () => {
    expect(judge(0.9, undefined, 15)).toMatchObject({
      verdict: "informative",
      summary: expect.stringContaining("Fewer than 16 images decide nothing."),
    });
  });

  it("does not apply where R is zero, or without gradients", () => {
    expect(
      judge(
        null,
        fieldMap(() => 0),
      ).verdict,
    ).toBe("notApplicable");
    expect(centreBias.audit({ fields: { reason: "No gradient." } } as never).verdict).toBe("notApplicable");
  });
});
