// Oracle: made-up scores on both sides of chance.
import { describe, expect, it } from "vitest";
import type { Localization } from "../artifacts.ts";
import { facts } from "../test-support/artifacts.ts";
import { localization } from "./localization.ts";

const summary = (mean: number | undefined, low = mean ?? 0, high = mean ?? 0) => ({
  count: 24,
  mean,
  interval: [low, high] as const,
});

const row = (method: string, energy: number | undefined, low = energy): Localization["rows"][number] => ({
  method,
  layer: "relu",
  grid: [7, 7],
  energy: summary(energy, low),
  iou: summary(0.4),
  pointing: summary(0.75),
});

const judge = (rows: Localization["rows"], chance = 0.2) =>
  localization.audit({ facts, localization: { images: 24, chance, rows } } as never);

describe("localization", () => {
  it("names the best method and layer, and a command for it", () => {
    const found = judge([row("grad-cam", 0.5), row("extended-cam", 0.6), row("random-cam", 0.3)]);
    expect(found).toMatchObject({
      verdict: "good",
      summary:
        "Extended-CAM at layer relu (7x7 cells) is best: 60 % of its positive evidence lies on the object, which covers 20 % of the picture (the layer's features weighted at random: 30 %; 24 images).",
      remedy: expect.stringContaining('--method extended-cam --layer "relu"'),
    });
    expect(found.evidence?.[0]).toMatchObject({
      rows: [["Extended-CAM", "relu", "7x7", 0.6, 0.6, 0.6, 0.4, 0.75], expect.anything(), expect.anything()],
    });
  });

  it("asks for attention when the best interval reaches chance; the control is never the best", () => {
    expect(judge([row("grad-cam", 0.3, 0.19)]).verdict).toBe("attention");
    expect(judge([row("random-cam", 0.9), row("grad-cam", 0.3)]).summary).toMatch(/^Grad-CAM at layer relu/);
  });

  it("asks more of the best of many, as chance makes one of them look good", () => {
    expect(judge([row("grad-cam", 0.3, 0.21)]).verdict).toBe("good");
    const others = Array.from({ length: 39 }, () => row("layer-cam", 0.1));
    // of forty, 0.025 / 40 lies 3.23 deviations out: 0.3 − 0.09 · 3.23 / 1.96 = 0.15
    expect(judge([row("grad-cam", 0.3, 0.21), ...others]).verdict).toBe("attention");
    expect(judge([row("grad-cam", 0.36, 0.27), ...others]).verdict).toBe("good");
  });

  it("names no layer for maps by the pixel", () => {
    const found = judge([row("guided-backprop", 0.6), row("random-cam", 0.3)]);
    expect(found.summary).toMatch(
      /^Guided backpropagation is best: 60 % .* 20 % of the picture \(24 images\)\.$/,
    );
    expect(found.remedy).toMatch(/--method guided-backprop$/);
    expect(found.evidence?.[0]).toMatchObject({
      rows: [["Guided backpropagation", "", "pixels", 0.6, 0.6, 0.6, 0.4, 0.75], expect.anything()],
    });
  });

  it("gives the default method's figures at the default layer, whichever is best", () => {
    const elsewhere = { ...row("extended-cam", 0.9), layer: "finer" };
    const found = judge([row("grad-cam", 0.8), elsewhere, row("extended-cam", 0.6, 0.5)]);
    expect(found.figures).toMatchObject([
      { id: "energy", value: 60, interval: [50, 60], better: "higher" },
      // all images alike, resampled, tell no interval
      { id: "pointing", value: 75 },
    ]);
    expect(found.figures?.[1]?.interval).toBeUndefined();
    expect(judge([row("grad-cam", 0.8)]).figures).toEqual([]);
  });

  it("says when no map holds anything positive, and when nothing is annotated", () => {
    expect(judge([row("grad-cam", undefined)])).toMatchObject({ verdict: "attention" });
    expect(localization.audit({ facts, localization: undefined } as never).verdict).toBe("notApplicable");
  });
});
