// What is made of outcomes, and the verdict. Oracles: shares counted by hand, the paired t interval of the differences.
import { describe, expect, it } from "vitest";
import { conditionsOf } from "../../robustness/condition.ts";
import { createObservations, type Observation } from "../../robustness/observations.ts";
import { preLayerNormEffect } from "./effect.ts";
import { judgePreLayerNorm } from "./verdict.ts";

const COUNT = 40;
const CONDITIONS = conditionsOf(["colour_scale", "contrast_enhancement", "hue"], [1, 3]);

/** @param rightOf how many of the first images each model has right under a condition */
function observed(rightOf: (model: string, condition: string) => number) {
  const models = [
    { name: "before", outcome: "class" },
    { name: "after", outcome: "class" },
  ] as const;
  const observations = createObservations(models, CONDITIONS, COUNT);
  for (const { name } of models)
    for (const key of observations.conditions) {
      const entries = Array.from({ length: COUNT }, (_, image): Observation => {
        const isRight = image < rightOf(name, key);
        return { image, predicted: isRight ? 1 : 2, confidence: 0.5, rank: isRight ? 0 : 1 };
      });
      observations.record(name, key, entries);
    }
  return preLayerNormEffect(observations, ["before", "after"], "accuracy");
}

type Pair = readonly [before: number, after: number];

const effectOf = (clean: Pair, colour: Pair, hue: Pair = [20, 20]) =>
  observed((model, condition) => {
    const i = model === "before" ? 0 : 1;
    return condition === "clean" ? clean[i] : condition.startsWith("hue") ? hue[i] : colour[i];
  });

describe("figures", () => {
  const effect = effectOf([36, 34], [10, 24]);

  it("are shares of the same images, severity by severity and over all", () => {
    expect(effect).toMatchObject({
      of: "accuracy",
      clean: {
        before: { value: 0.9, n: COUNT },
        after: { value: 0.85 },
        difference: { value: expect.closeTo(-0.05) },
      },
      colourScale: {
        before: { value: 0.25 },
        after: { value: 0.6 },
        difference: { value: expect.closeTo(0.35) },
      },
    });
    expect(
      effect.corruptions.map(({ corruption, before, after }) => [corruption, before.value, after.value]),
    ).toEqual([
      ["colour_scale", 0.25, 0.6],
      ["contrast_enhancement", 0.25, 0.6],
      ["hue", 0.5, 0.5],
    ]);
    expect(effect.corruptions[0]?.severities.map(({ severity, after }) => [severity, after.value])).toEqual([
      [1, 0.6],
      [3, 0.6],
    ]);
  });

  it("have paired intervals", () => {
    // 14 of 40 images gain 1: standard error of the mean, Student's t for 39 degrees of freedom 2.0227
    const half = 2.0227 * Math.sqrt((0.35 * 0.65) / 39);
    const { low, high } = effect.colourScale.difference;
    expect([low, high]).toEqual([expect.closeTo(0.35 - half, 4), expect.closeTo(0.35 + half, 4)]);
  });

  it("of outputs that are no class compare the two models' clean outputs", () => {
    const models = ["before", "after"].map((name) => ({ name, outcome: "agreement" as const }));
    const observations = createObservations(models, ["clean", "hue/1"], 2);
    for (const { name } of models)
      for (const [key, agreement] of [
        ["clean", 1],
        ["hue/1", 0.5],
      ] as const)
        observations.record(
          name,
          key,
          [0, 1].map((image) => ({ image, agreement })),
        );
    const { clean, corruptions } = preLayerNormEffect(
      observations,
      ["before", "after"],
      "agreement",
      Float64Array.of(0.9, 0.7),
    );
    expect([clean.before.value, clean.after.value]).toEqual([1, expect.closeTo(0.8)]);
    expect(corruptions[0]?.after.value).toBeCloseTo(0.5);
  });
});

describe("verdict", () => {
  it("needs fine-tuning where clean accuracy falls, whatever is gained", () => {
    const { verdict, text } = judgePreLayerNorm(effectOf([36, 30], [10, 38]));
    expect(verdict).toBe("needs-fine-tuning");
    expect(text).toContain("costs 15.0 points of clean accuracy (90.0 % to 75.0 %): the model is not mended");
  });

  it("a loss within the tolerance counts as none", () => {
    expect(judgePreLayerNorm(effectOf([36, 35], [10, 24])).verdict).toBe("needs-fine-tuning");
    expect(judgePreLayerNorm(effectOf([36, 35], [10, 24]), 0.025).verdict).toBe("mended");
  });

  it("mended where clean accuracy stays and the interval of the gain lies above zero", () => {
    const { verdict, text } = judgePreLayerNorm(effectOf([36, 36], [10, 24]));
    expect(verdict).toBe("mended");
    expect(text).toContain("accuracy goes from 25.0 % to 60.0 %, a difference of");
  });

  it("no gain where nothing shows one: none, a loss, or too little to tell", () => {
    for (const colour of [
      [24, 24],
      [24, 10],
      [24, 25],
    ] as const)
      expect(judgePreLayerNorm(effectOf([36, 38], colour)).verdict).toBe("no-gain");
  });

  it("names what else changed where nothing shows a gain, so that no row of the table speaks against it", () => {
    const { verdict, text } = judgePreLayerNorm(effectOf([40, 40], [24, 24], [10, 24]));
    expect(verdict).toBe("no-gain");
    expect(text).toMatch(
      /^Clean accuracy stays at 100\.0 %; by chance 40 pictures may hide a difference of −7\.5 to 7\.5 points/,
    );
    expect(text).toMatch(/a gain there\. Of 1 other changes .* under hue \(\+35\.0 points, 19/);
    expect(judgePreLayerNorm(effectOf([36, 38], [24, 24])).text).toMatch(/Nothing shows a gain there\.$/);
  });

  it("unknown where no picture could be measured, without a number", () => {
    const models = ["before", "after"].map((name) => ({ name, outcome: "class" as const }));
    const effect = preLayerNormEffect(
      createObservations(models, CONDITIONS, 3),
      ["before", "after"],
      "accuracy",
    );
    expect(effect.clean.difference).toEqual({ value: null, low: null, high: null, n: 0 });
    const { verdict, text } = judgePreLayerNorm(effect);
    expect(verdict).toBe("unknown");
    expect(text).toMatch(/^None of the images could be corrupted .* unknown/);
    expect(text).not.toMatch(/NaN|costs/);
  });
});
