// Oracle: plans made by hand.
import { describe, expect, it } from "vitest";
import type { GammaPlan, PlannedGamma } from "../../normalization/gammas/gamma-plan.ts";
import { GUIDELINES_TRIED } from "../../normalization/gammas/guidelines.ts";
import type { Artifacts } from "../artifacts.ts";
import { gammas } from "./gammas.ts";

const gamma = (changes: Partial<PlannedGamma>): PlannedGamma => ({
  parameter: "layer1.0.bn2.weight",
  named: { source: "name", sure: "certain" },
  node: "/layer1/bn2",
  sharedBy: [],
  kind: "batch",
  channels: 64,
  category: "branch-last",
  decay: true,
  decidedBy: "rule",
  reason: "its output reaches an Add",
  nearly: false,
  stream: false,
  ones: false,
  evidence: {
    scaleChange: 0.4,
    skipChange: null,
    agrees: true,
    verdict: "doubling it moves the scores by 40 %",
  },
  ...changes,
});

const judge = (
  plan: Partial<GammaPlan>,
  folded = { convolutions: 0, folded: 0, how: "", advice: null as string | null },
) =>
  gammas.audit({
    gammas: { gammas: [], blocks: [], notes: [], ...plan },
    normalizations: { counts: {}, folded },
  } as unknown as Artifacts);

describe("the audit of gammas", () => {
  it("counts what to regularize", () => {
    const found = judge({ gammas: [gamma({}), gamma({ category: "terminal", decay: false })] });
    expect(found).toMatchObject({
      verdict: "informative",
      summary: `Of 2 scales, regularize 1 at the end of residual branches; leave 1 before the head, or un-normalized. ${GUIDELINES_TRIED}`,
    });
  });

  it("puts what measurements contradict first", () => {
    const evidence = { scaleChange: 0.3, skipChange: null, agrees: false, verdict: "moves the scores" };
    const found = judge({
      gammas: [gamma({}), gamma({ parameter: "odd.weight", category: "scale-invariant", evidence })],
    });
    expect(found.verdict).toBe("attention");
    expect(found.evidence?.[0]).toMatchObject({
      rows: [["odd.weight", "scale-invariant", "yes", 0.3, expect.anything()]],
    });
  });

  it("draws the branches' variances where there are residual blocks", () => {
    const block = {
      node: "add",
      kind: "identity",
      branch: "b",
      skip: "s",
      varianceRatio: 0.2,
      low: 0.1,
      high: 0.3,
    } as const;
    const found = judge({
      gammas: [gamma({})],
      blocks: [block, { ...block, varianceRatio: null, low: null, high: null }],
    });
    expect(found.evidence?.at(-1)).toMatchObject({
      kind: "plot",
      series: [{ points: [[1, 0.2]] }, { points: [[1, 0.1]] }, { points: [[1, 0.3]] }],
    });
  });

  it("is not applicable without scales, and says how to keep folded ones", () => {
    expect(judge({})).toEqual({
      verdict: "notApplicable",
      summary: "No normalization of this model has a scale.",
    });
    const found = judge({}, { convolutions: 4, folded: 4, how: "4 of 4.", advice: "Export it so." });
    expect(found.summary).toContain("Export it so.");
  });
});
