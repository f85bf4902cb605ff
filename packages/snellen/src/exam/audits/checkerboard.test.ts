// Oracle: made-up summaries on both sides of each threshold.
import { describe, expect, it } from "vitest";
import type { DeadPixelSummary } from "../../receptive-field/dead-pixels/dead-pixel-summary.ts";
import { fieldMap, fields, geometry, offender, scoreField } from "../test-support/artifacts.ts";
import { checkerboard } from "./checkerboard.ts";

const judge = (
  changes: Parameters<typeof scoreField>[0] = {},
  offenders: Parameters<typeof offender>[0][] = [],
  map = fieldMap(() => 1),
) =>
  checkerboard.audit({
    fields: fields({ score: scoreField(changes, map) }),
    geometry: geometry({ offenders: offenders.map(offender) }),
  } as never);

const peak: DeadPixelSummary["peaks"][number] = {
  direction: "horizontal",
  stride: 2,
  harmonic: 1,
  frequency: 0.5,
  power: 1,
  background: 0.1,
  ratio: 10,
  isPeak: true,
};

const phases = (weak: readonly (readonly [number, number])[]) => [
  {
    stride: [2, 2] as const,
    means: [
      [0.4, 1.2],
      [1.2, 1.2],
    ],
    contrast: 0.8,
    weak,
  },
];

const weakPixels = (share: number, deadShare = 0) => ({
  weakShare: share,
  weak: { share, count: 1, deadShare, window: [9, 9] as const },
});

describe("checkerboard", () => {
  it("passes without a peak and with few weak pixels, and tells the numbers", () => {
    expect(judge()).toMatchObject({
      verdict: "good",
      summary:
        "R of the score over 64 images, known to ±20 %: neighbouring pixels differ by 10 % of the mean (L1), no peak at a stride's frequency; positions modulo 2x2 differ by 3 % of the mean; 2.0 % of pixels are weak (below half of those around them), 0.0 % dead. No layer reads some pixels more often than others.",
    });
    expect(judge()).not.toHaveProperty("remedy");
  });

  it("does not mend what is good, whatever the layers", () => {
    expect(judge({}, [{}])).not.toHaveProperty("remedy");
  });

  it("asks for attention at a peak, and tells a command only where padding mends a layer", () => {
    const found = judge({ peaks: [peak] }, [{}, { fixable: "pooling" }]);
    expect(found).toMatchObject({
      verdict: "attention",
      summary: expect.stringMatching(
        /1 peak at strides' frequencies, the strongest 10 times its surroundings \(stride 2\).*2 layers read some pixels more often than others; kernel padding mends 1 of them\.$/,
      ),
      remedy: "snellen fix kernel-padding <model> -o fixed.onnx",
    });
    expect(judge({ peaks: [peak] }, [{ fixable: "no" }])).not.toHaveProperty("remedy");
  });

  it("asks for attention when many pixels are weak, unless noise may make them so", () => {
    expect(judge(weakPixels(0.1)).verdict).toBe("good");
    expect(judge(weakPixels(0.11)).verdict).toBe("attention");
    const noisy = { ...weakPixels(0.11), convergence: [{ n: 64, relativeError: 0.31 }] };
    expect(judge(noisy).verdict).toBe("good");
  });

  it("asks for attention when positions under the finest stride are weak; with a peak too it is a problem", () => {
    expect(judge({ phaseMaps: phases([[0, 0]]) })).toMatchObject({
      verdict: "attention",
      summary: expect.stringContaining("modulo 2x2 differ by 80 % of the mean, 1 of 4 below half of it"),
    });
    expect(judge({ phaseMaps: phases([[0, 0]]), peaks: [peak] }).verdict).toBe("problem");
  });

  it("fails when pixels are dead", () => {
    expect(judge(weakPixels(0, 0.01)).verdict).toBe("good");
    expect(judge(weakPixels(0, 0.011)).verdict).toBe("problem");
  });

  it("decides nothing by few images, whose gradients are zero in places by chance", () => {
    const few = fieldMap(() => 1, [24, 32]);
    const dead = weakPixels(0, 0.2);
    expect(judge({ ...dead, n: 16 }, [], few).verdict).toBe("problem");
    expect(judge({ ...dead, n: 15 }, [], few)).toMatchObject({
      verdict: "informative",
      summary: expect.stringMatching(/over 15 images.*Fewer than 16 images decide nothing\.$/),
    });
  });

  it("shows R, its corner, the positions and the layers", () => {
    const found = judge({ phaseMaps: phases([[0, 0]]) }, [{}]);
    expect(found.evidence).toMatchObject([
      { kind: "picture" },
      { kind: "picture", caption: expect.stringContaining("upper left 6 x 6") },
      {
        kind: "table",
        rows: [
          ["0", 0.4, 1.2],
          ["1", 1.2, 1.2],
        ],
      },
      { kind: "table", rows: [["conv1", "Conv", "3x3", "2x2", "1 2 / 1 2", "fix kernel-padding"]] },
    ]);
    const coarse = { ...phases([])[0], stride: [16, 16] } as never;
    expect(judge({ phaseMaps: [coarse] }).evidence).toHaveLength(2);
  });

  it("tells a padded model from a mended one: it waits for fine-tuning", () => {
    const of = (changes: Parameters<typeof geometry>[0], summary = { peaks: [peak] }) =>
      checkerboard.audit({
        fields: fields({
          score: scoreField(
            summary,
            fieldMap(() => 1),
          ),
        }),
        geometry: geometry(changes),
      } as never);
    const padded = ["stem", "a", "b", "c"];
    expect(of({ padded })).toMatchObject({
      verdict: "attention",
      summary: expect.stringMatching(
        /dead\. Kernels are padded already, and not trained since \(stem, a, b and 1 more\)/,
      ),
      remedy: "snellen finetune <model> --data <folder>",
    });
    expect(of({ padded, offenders: [offender()] }).remedy).toMatch(/^snellen fix kernel-padding/);
    expect(of({ padded }, { peaks: [] })).not.toHaveProperty("remedy");
    const unmeasured = { fields: { reason: "No gradient." }, geometry: geometry({ padded }) };
    expect(checkerboard.audit(unmeasured as never).verdict).toBe("informative");
  });

  it("works for a network without strides, and for one that no pixel moves", () => {
    expect(judge({ strides: [], phaseMaps: [] })).toMatchObject({ verdict: "good" });
    const zero = { L1Normalized: null, phaseMaps: [], centralShare: null, ...weakPixels(0, 1) };
    expect(
      judge(
        zero,
        [],
        fieldMap(() => 0),
      ),
    ).toMatchObject({
      verdict: "problem",
      summary: expect.stringContaining("it is zero everywhere"),
    });
  });

  it("gives what a repair should lower as figures; a peak that is not there has no height", () => {
    const values = (found: ReturnType<typeof judge>) =>
      Object.fromEntries((found.figures ?? []).map(({ id, value }) => [id, value]));
    const lower = judge({ peaks: [peak] }, [{}, { fixable: "no" }]);
    expect(lower.figures?.every(({ better }) => better === "lower")).toBe(true);
    const smooth = { l1: 10, phases: 3, weak: 2, dead: 0 };
    expect(values(lower)).toEqual({ ...smooth, peaks: 1, "strongest-peak": 10, "uneven-layers": 2 });
    expect(values(judge())).toEqual({ ...smooth, peaks: 0, "strongest-peak": null, "uneven-layers": 0 });
    const unknown = { L1Normalized: null, phaseMaps: [] };
    expect(values(judge(unknown))).toMatchObject({ l1: null, phases: null });
  });

  it("without gradients tells what the graph says, or does not apply", () => {
    const without = (offenders: Parameters<typeof offender>[0][]) =>
      checkerboard.audit({
        fields: { reason: "No gradient." },
        geometry: geometry({ offenders: offenders.map(offender) }),
      } as never);
    expect(without([])).toEqual({ verdict: "notApplicable", summary: "No gradient." });
    expect(without([{}])).toMatchObject({
      verdict: "informative",
      summary:
        "1 layer reads some pixels more often than others; kernel padding mends it. How much pixels suffer is not known. No gradient.",
      remedy: expect.stringContaining("fix kernel-padding"),
      figures: [{ id: "uneven-layers", value: 1 }],
    });
  });
});
