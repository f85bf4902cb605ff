// Oracle: made-up losses on both sides of a quarter and a half of a clean accuracy of 90 %.
import { describe, expect, it } from "vitest";
import { estimate, robustness } from "../test-support/robustness.ts";
import { corruptions } from "./corruptions.ts";

const judge = (...given: Parameters<typeof robustness>) =>
  corruptions.audit({ robustness: robustness(...given) } as never);

describe("corruptions", () => {
  it("passes when the whole interval lies within a quarter of the clean accuracy", () => {
    expect(judge(estimate(0.15, 0.05))).toMatchObject({
      verdict: "good",
      summary:
        "Accuracy falls from 90.0 % to 75.0 %, the mean over 2 corruptions at severities 3 and 5 (lost: 15.0 points, 95 % interval 10.0 to 20.0; 60 labelled images); the most under gaussian_noise: 25.0 points.",
      remedy: "snellen robustness <model> --images <folder> --corruptions all",
    });
    expect(judge(estimate(0.15, 0.0749)).verdict).toBe("good");
  });

  it("asks for attention when all of it lies beyond, and calls it a problem beyond a half", () => {
    expect(judge(estimate(0.3, 0.07))).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining("more than a quarter of what it read clean."),
    });
    expect(judge(estimate(0.5, 0.06)).verdict).toBe("attention");
    expect(judge(estimate(0.5, 0.04))).toMatchObject({
      verdict: "problem",
      summary: expect.stringContaining("more than half of what it read clean."),
    });
  });

  it("decides nothing where the interval holds the quarter, or there is none", () => {
    expect(judge(estimate(0.2, 0.05))).toMatchObject({
      verdict: "informative",
      summary: expect.stringContaining("more images must tell"),
    });
    expect(judge(estimate(0.6))).toMatchObject({
      verdict: "informative",
      summary: expect.stringContaining("no interval: too few images"),
    });
  });

  it("does not praise a network that has nothing to lose", () => {
    expect(judge(estimate(0.01, 0.02), { clean: 0.2 })).toMatchObject({
      verdict: "informative",
      summary: expect.stringContaining("hardly better than chance"),
    });
    expect(judge(estimate(0.01, 0.02), { clean: 0.21 }).verdict).toBe("good");
  });

  it("tells without labels what changes", () => {
    expect(judge(estimate(0.3, 0.05), { isLabelled: false })).toMatchObject({
      verdict: "informative",
      summary:
        "30.0 % of the predictions change, the mean over 2 corruptions at severities 3 and 5 (60 images); worst under gaussian_noise: 40.0 %. Without labels, accuracy is unknown.",
    });
    const dense = judge(estimate(0.3, 0.05), { isLabelled: false, outcome: "agreement" });
    expect(dense.summary).toMatch(/^Outputs keep an agreement of 70.0 % .* gaussian_noise: 60.0 %\./);
  });

  it("shows each corruption at each severity with interval and count, and bars beside the clean error", () => {
    const [table, bars] = judge(estimate(0.2, 0.05)).evidence as never as [
      { caption: string; rows: unknown[] },
      { bars: { label: string; value: number; low: number; high: number }[] },
    ];
    expect(table.caption).toContain("clean: 90.0 [85.0, 95.0], n 60");
    expect(table.rows).toEqual([
      ["fog", "80.0 [70.0, 90.0], n 60", "80.0 [70.0, 90.0], n 60"],
      ["gaussian_noise", "60.0 [50.0, 70.0], n 60", "60.0 [50.0, 70.0], n 60"],
    ]);
    expect(bars.bars.map(({ label }) => label)).toEqual(["clean", "fog", "gaussian_noise"]);
    expect(bars.bars[1]?.value).toBeCloseTo(20, 9);
    expect(bars.bars[1]?.low).toBeCloseTo(10, 9);
    const changed = judge(estimate(0.2, 0.05), { isLabelled: false }).evidence?.[1] as never as typeof bars;
    expect(changed.bars.map(({ label }) => label)).toEqual(["fog", "gaussian_noise"]);
    // the interval is turned round with the agreement
    expect(changed.bars[1]?.low).toBeCloseTo(20, 9);
    expect(changed.bars[1]?.high).toBeCloseTo(40, 9);
  });

  it("gives the mean accuracy as a figure, without labels the agreement", () => {
    const [accuracy] = judge(estimate(0.2, 0.05)).figures ?? [];
    expect(accuracy).toMatchObject({ id: "accuracy", unit: "%", better: "higher" });
    expect(accuracy?.value).toBeCloseTo(70, 9);
    expect(accuracy?.interval?.[0]).toBeCloseTo(60, 9);
    const [agreement] = judge(estimate(0.2, 0.05), { isLabelled: false }).figures ?? [];
    expect(agreement).toMatchObject({ id: "agreement", value: 80 });
  });

  it("does not apply where nothing could be corrupted", () => {
    expect(corruptions.audit({ robustness: { reason: "Too small." } } as never)).toEqual({
      verdict: "notApplicable",
      summary: "Too small.",
    });
  });
});
