// Oracle: made-up correlations on both sides of the threshold.
import { describe, expect, it } from "vitest";
import { sanityCheck } from "./sanity-check.ts";

const judge = (rows: { method: string; similarity: number[] }[]) =>
  sanityCheck.audit({ sanity: { images: 4, layers: 13, levels: [1, 7, 13], rows } } as never);

describe("sanity-check", () => {
  it("passes when no map survives full randomization, however alike it is before", () => {
    const found = judge([
      { method: "grad-cam", similarity: [0.9, 0.6, 0.5] },
      { method: "random-cam", similarity: [1, 1, 1] },
    ]);
    expect(found).toMatchObject({
      verdict: "good",
      summary: expect.stringContaining("all 13 layers random"),
    });
    expect(found.evidence?.[0]).toMatchObject({
      columns: [{ title: "method" }, { title: "last 1" }, { title: "last 7" }, { title: "all 13" }],
      rows: [["Grad-CAM", 0.9, 0.6, 0.5]],
    });
  });

  it("names the methods whose maps survive", () => {
    const found = judge([
      { method: "grad-cam", similarity: [0.9, 0.6, 0.1] },
      { method: "guided-backprop", similarity: [0.9, 0.9, 0.8] },
    ]);
    expect(found).toMatchObject({
      verdict: "attention",
      summary: expect.stringMatching(/^Guided backpropagation: .* its map still correlates/),
    });
  });

  it("does not apply to networks without a feature layer", () => {
    expect(sanityCheck.audit({ sanity: undefined } as never).verdict).toBe("notApplicable");
  });
});
