// Oracle: made-up curves on both sides of a tenth and a half of the clean accuracy, each point known to five points.
import { describe, expect, it } from "vitest";
import { contrastRows } from "../test-support/robustness.ts";
import { contrastCurve } from "./contrast-curve.ts";

const judge = (...given: Parameters<typeof contrastRows>) =>
  contrastCurve.audit({ contrastCurve: contrastRows(...given) } as never);

describe("contrast-curve", () => {
  it("passes when accuracy stands up to factor 2, whatever comes later", () => {
    expect(judge({ 1: 0.8, 1.5: 0.8, 2: 0.8, 5: 0.1 })).toMatchObject({
      verdict: "good",
      summary:
        "Accuracy of 80.0 % on 60 labelled images does not fall up to factor 2; at factor 5 it is 10.0 %.",
    });
    expect(judge({ 1: 0.8, 1.5: 0.73, 2: 0.75 }).verdict).toBe("good");
  });

  it("asks for attention when it falls markedly at moderate factors, and calls a half a problem", () => {
    expect(judge({ 1: 0.8, 1.5: 0.71, 2: 0.78, 5: 0.7 })).toMatchObject({
      verdict: "attention",
      summary:
        "Accuracy of 80.0 % on 60 labelled images falls to 71.0 % at factor 1.5 (lost: 9.0 points, 95 % interval 4.0 to 14.0), the lowest up to 2; at factor 5 it is 70.0 %.",
    });
    expect(judge({ 1: 0.8, 2: 0.39 }).verdict).toBe("problem");
  });

  it("does not take for a fall what may be chance, or rests on few images", () => {
    // more than a tenth of 0.45 is lost, but 0.048 − 0.05 lies below zero
    expect(judge({ 1: 0.45, 2: 0.402 })).toMatchObject({
      verdict: "informative",
      summary: expect.stringContaining("may be chance"),
    });
    expect(judge({ 1: 1, 2: 0.2 }, 9).summary).toContain("Fewer than 10 images decide nothing.");
    expect(judge({ 1: 1, 2: 0.2 }, 10).verdict).toBe("problem");
    expect(judge({ 1: 0, 2: 0 }).verdict).toBe("informative");
  });

  it("tells of agreement without labels", () => {
    expect(judge({ 1: 1, 2: 0.6, 5: 0.3 }, 0)).toMatchObject({
      verdict: "informative",
      summary:
        "Agreement with the clean picture's outcome: 60.0 % at factor 2 and 30.0 % at factor 5 (60 images). Without labels, accuracy is unknown.",
    });
  });

  it("draws the curve and its intervals", () => {
    const [plot] = judge({ 1: 0.8, 2: 0.5 }).evidence as never as [
      { caption: string; series: { points: [number, number][] }[] },
    ];
    expect(plot.caption).toContain("60 images");
    expect(plot.series.map(({ points }) => points.map(([x, y]) => [x, Math.round(y)]))).toEqual([
      [
        [1, 80],
        [2, 50],
      ],
      [
        [1, 75],
        [2, 45],
      ],
      [
        [1, 85],
        [2, 55],
      ],
    ]);
  });

  it("gives what is lost up to factor 2 and what is left in the end as figures, of agreement without labels", () => {
    const [lost, left] = judge({ 1: 0.9, 1.5: 0.7, 2: 0.8, 5: 0.3 }).figures ?? [];
    expect(lost).toMatchObject({ id: "accuracy-lost", unit: "points", better: "lower" });
    expect(lost?.value).toBeCloseTo(20, 9);
    expect(lost?.interval?.[1]).toBeCloseTo(25, 9);
    expect(left).toMatchObject({ id: "accuracy-at-strongest", unit: "%", better: "higher" });
    expect(left?.name).toBe("accuracy at contrast factor 5");
    expect(left?.value).toBeCloseTo(30, 9);
    const agreement = judge({ 1: 1, 1.5: 0.6, 2: 0.8 }, 0).figures;
    expect(agreement).toMatchObject([
      { id: "agreement", value: 60 },
      { id: "agreement-at-strongest", value: 80 },
    ]);
  });

  it("does not apply without images", () => {
    const found = contrastCurve.audit({ contrastCurve: { reason: "No image could be read." } } as never);
    expect(found).toEqual({ verdict: "notApplicable", summary: "No image could be read." });
  });
});
