// Oracle: made-up correlations on both sides of the threshold.
import { describe, expect, it } from "vitest";
import { sanityCheck } from "./sanity-check.ts";

const judge = (rows: { method: string; similarity: number[]; interval?: [number, number] | null }[]) =>
  sanityCheck.audit({
    sanity: {
      images: 4,
      layers: 13,
      levels: [1, 7, 13],
      rows: rows.map((row) => ({ interval: null, ...row })),
    },
  } as never);

describe("sanity-check", () => {
  it("passes when no map survives full randomization, however alike it is before", () => {
    const found = judge([
      { method: "grad-cam", similarity: [0.9, 0.6, 0.5] },
      { method: "random-cam", similarity: [1, 1, 1] },
    ]);
    expect(found).toMatchObject({
      verdict: "good",
      summary: expect.stringContaining("With all 13 layers random, no method's map"),
    });
    expect(found.evidence?.[0]).toMatchObject({
      columns: [
        { title: "method" },
        { title: "last 1" },
        { title: "last 7" },
        { title: "all 13" },
        { title: "95 %" },
      ],
      rows: [["Grad-CAM", 0.9, 0.6, 0.5, null]],
    });
  });

  it("names the methods whose maps survive", () => {
    const found = judge([
      { method: "grad-cam", similarity: [0.9, 0.6, 0.1] },
      { method: "guided-backprop", similarity: [0.9, 0.9, 0.8] },
    ]);
    expect(found).toMatchObject({
      verdict: "attention",
      summary: expect.stringMatching(/the map of Guided backpropagation still correlates/),
    });
  });

  it("says where so few images do not decide, rather than take a side of the threshold", () => {
    const near = (mean: number) => ({
      method: "grad-cam",
      similarity: [0.9, 0.6, mean],
      interval: [mean - 0.1, mean + 0.1] as [number, number],
    });
    expect(judge([near(0.51)])).toMatchObject({
      verdict: "informative",
      summary:
        "With all 13 layers random, so few images do not decide whether the map of Grad-CAM (0.51 [0.41, 0.61]) correlates with the network's by more than 0.5 (4 images).",
    });
    expect(judge([near(0.49)]).verdict).toBe("informative");
    expect(judge([near(0.39)]).verdict).toBe("good");
    const both = judge([
      near(0.61),
      { ...near(0.45), method: "layer-cam" },
      { ...near(0.52), method: "cam" },
    ]);
    expect(both).toMatchObject({
      verdict: "attention",
      summary: expect.stringMatching(/Grad-CAM still.*CAM \(0\.52 .* and of 1 more correlate/),
    });
  });

  it("does not apply to networks without a feature layer", () => {
    expect(sanityCheck.audit({ sanity: undefined } as never).verdict).toBe("notApplicable");
  });
});
