// Oracle: made-up errors on both sides of each threshold; medians by hand.
import { describe, expect, it } from "vitest";
import { facts } from "../test-support/artifacts.ts";
import { conservation } from "./conservation.ts";

const judge = (errors: number[], others: { method: string; errors: number[] }[] = []) =>
  conservation.audit({ facts, conservation: [{ method: "extended-cam", errors }, ...others] } as never);

describe("conservation", () => {
  it("passes when the median error is rounding", () => {
    expect(judge([0.9, 0.05, 0.01])).toMatchObject({
      verdict: "good",
      summary: "Extended-CAM at relu: median error 5.0 % over 3 images.",
    });
    expect(judge([1e-6, 3e-6]).summary).toContain("median error 2.0e-6");
  });

  it("asks for attention when it is more, and says where the rest of the score goes", () => {
    for (const error of [0.06, 0.9, Number.POSITIVE_INFINITY])
      expect(judge([error])).toMatchObject({
        verdict: "attention",
        summary: expect.stringContaining("past this layer"),
      });
  });

  it("shows every method's median; one of a score of zero has no bar", () => {
    const [bars] = judge(
      [0.02, 0.04],
      [
        { method: "grad-cam", errors: [1, 3, 2] },
        { method: "cam", errors: [Number.POSITIVE_INFINITY] },
      ],
    ).evidence as unknown as [{ bars: object[] }];
    expect(bars.bars).toEqual([
      { label: "Extended-CAM", value: 3 },
      { label: "Grad-CAM", value: 200 },
    ]);
  });

  it("gives the median error as a figure, none of a score of zero", () => {
    expect(judge([0.02, 0.04]).figures).toMatchObject([
      { id: "error", value: 3, unit: "%", better: "lower" },
    ]);
    expect(judge([Number.POSITIVE_INFINITY]).figures).toMatchObject([{ value: null }]);
  });

  it("does not apply without a feature layer", () => {
    expect(conservation.audit({ facts, conservation: [] } as never)).toMatchObject({
      verdict: "notApplicable",
    });
  });
});
