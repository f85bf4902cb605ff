// Oracle: made-up differences on both sides of zero and of the margin of five points.
import { describe, expect, it } from "vitest";
import type { Rivalry, Rivals } from "../artifacts.ts";
import { estimate, pairedLosses, rivalry } from "../test-support/robustness.ts";
import { rivals } from "./rivals.ts";

const VIT: Rivals["own"] = { name: "vit", kind: "vision-transformer" };

const judge = (rivalries: readonly Rivalry[], own = VIT) =>
  rivals.audit({ rivals: { own, rivalries } satisfies Rivals } as never);

const equal = pairedLosses(estimate(0, 0.02), { fog: estimate(0, 0.02), contrast: estimate(0, 0.02) });
const worse = pairedLosses(estimate(0.2, 0.05), { 2: estimate(0.2, 0.05) });
const better = pairedLosses(estimate(-0.2, 0.05), { 2: estimate(-0.2, 0.05) });
const vague = pairedLosses(estimate(0.02, 0.1), { 2: estimate(0.02, 0.1) });

describe("rivals", () => {
  it("passes when the model loses no more than five points more than any other", () => {
    expect(judge([rivalry(), rivalry({ corruptions: better })]).verdict).toBe("good");
    expect(judge([rivalry({ contrast: pairedLosses(estimate(0.03, 0.02)) })]).verdict).toBe("good");
  });

  it("asks for attention when it surely loses more than one of them, and decides nothing when it may", () => {
    expect(judge([rivalry({ contrast: better }), rivalry({ contrast: worse })]).verdict).toBe("attention");
    expect(judge([rivalry({ contrast: vague })]).verdict).toBe("informative");
    expect(judge([rivalry({ contrast: pairedLosses(estimate(0.5)) })]).verdict).toBe("informative");
  });

  it("says who loses more, with the interval turned with the words", () => {
    const { summary } = judge([rivalry({ corruptions: better, contrast: worse })]);
    expect(summary).toMatch(
      /^Beside cnn \(a convolutional network\), this model \(a vision transformer\) loses less accuracy under corruptions by 20.0 points \(95 % interval 15.0 to 25.0; 60 images\), and more accuracy under contrast enhancement by 20.0 points \(95 % interval 15.0 to 25.0; 60 images\)\./,
    );
  });

  it.each([
    ["holds", equal, worse],
    ["does not hold", equal, equal],
    [
      "does not hold",
      pairedLosses(estimate(0, 0.1), { fog: worse.mean.difference, contrast: estimate(0, 0.1) }),
      worse,
    ],
    [
      "is undecided",
      pairedLosses(estimate(0, 0.1), { fog: estimate(0, 0.1), contrast: estimate(0, 0.02) }),
      worse,
    ],
    ["is undecided", equal, vague],
  ] as const)("tells that the paper's claim %s on a pair", (outcome, corruptions, contrast) => {
    const told = judge([rivalry({ corruptions, contrast })]).summary;
    expect(told).toContain(`What the paper says of the two kinds ${outcome} on this pair`);
    // from the other side the same
    const turned = (losses: typeof equal) => ({
      ...losses,
      mean: { ...losses.mean, difference: negated(losses.mean.difference) },
      each: losses.each.map((one) => ({ ...one, difference: negated(one.difference) })),
    });
    const other = rivalry({ rival: VIT, corruptions: turned(corruptions), contrast: turned(contrast) });
    expect(judge([other], { name: "cnn", kind: "convolutional" }).summary).toContain(
      told.slice(told.indexOf("What the paper says")),
    );
  });

  it("says nothing of the claim where the pair is another", () => {
    const others = ["vision-transformer", "normalized-transformer", "other"] as const;
    for (const kind of others)
      expect(judge([rivalry({ rival: { name: "b", kind }, contrast: worse })]).summary).not.toContain(
        "paper",
      );
    const own = { name: "a", kind: "normalized-transformer" } as const;
    expect(judge([rivalry({ contrast: worse })], own).summary).not.toContain("paper");
  });

  it("lists all parts with the mean behind them, and draws what contrast takes", () => {
    const found = judge([rivalry({ contrast: worse }), rivalry({ rival: { name: "b", kind: "other" } })]);
    const [corrupted, enhanced] = found.evidence as never as { rows: unknown[][] }[];
    expect(corrupted?.rows.map(([name]) => name)).toEqual(["fog", "contrast", "mean"]);
    expect(enhanced?.rows[0]).toEqual([
      "2",
      "40.0 [35.0, 45.0], n 60",
      "20.0 [15.0, 25.0], n 60",
      "20.0 [15.0, 25.0], n 60",
      "less robust",
    ]);
    const plot = found.evidence?.at(-1) as never as { series: { name: string; points: number[][] }[] };
    expect(plot.series.map(({ name }) => name)).toEqual(["vit", "cnn", "b"]);
    expect(plot.series[1]?.points).toEqual([[2, 20]]);
  });

  it("gives what it loses as figures, with its differences from each model beside it", () => {
    const { figures } = judge([
      rivalry({ corruptions: worse, contrast: { reason: "None." } }),
      rivalry({
        rival: { name: "b", kind: "other" },
        corruptions: { ...better, of: "agreement" },
        contrast: pairedLosses(estimate(0.1)),
      }),
    ]);
    const told = figures?.map(({ id, paired }) => [
      id,
      paired?.model,
      ...(paired?.differences ?? []).map(({ from, value, interval }) => [
        from,
        value,
        interval?.map(Math.round),
      ]),
    ]);
    expect(told).toEqual([
      ["accuracy-lost-corruptions", "vit", ["cnn", 20, [15, 25]]],
      ["agreement-lost-corruptions", "vit", ["b", -20, [-25, -15]]],
      ["accuracy-lost-contrast", "vit", ["b", 10, undefined]],
    ]);
    expect(figures?.[0]).toMatchObject({ value: 40, unit: "points", better: "lower" });
  });

  it("compares what can be compared, and says why not the rest", () => {
    const reason = "cnn: The input is too small.";
    const found = judge([rivalry({ corruptions: { reason } })]);
    expect(found.summary).toMatch(/under contrast enhancement by .*\. cnn: The input is too small\.$/);
    expect(found.summary).not.toContain("under corruptions");
    expect(found.verdict).toBe("good");
    expect(judge([rivalry({ corruptions: { reason }, contrast: { reason } })])).toEqual({
      verdict: "notApplicable",
      summary: reason,
    });
    expect(rivals.audit({ rivals: { reason: "Alone." } } as never)).toEqual({
      verdict: "notApplicable",
      summary: "Alone.",
    });
  });
});

const negated = (e: ReturnType<typeof estimate>) => ({
  value: -(e.value ?? 0),
  low: e.high === null ? null : -e.high,
  high: e.low === null ? null : -e.low,
  n: e.n,
});
