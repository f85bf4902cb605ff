// Oracles: a small table by hand; scikit-learn's, SciPy's and NumPy's figures for made-up scores (tools/reference/robustness_metrics.py),
// its bootstrap for intervals; properties.
import { readFileSync } from "node:fs";
import { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { conditionsOf } from "../condition.ts";
import { createObservations, type Observations } from "../observations.ts";
import type { Estimate } from "./estimates.ts";
import { ALEXNET_ERRORS, commonCorruptions } from "./reference-errors.ts";
import { type RobustnessContext, robustnessResult } from "./result.ts";
import type { ModelFigures } from "./result-types.ts";
import { madeUpObservations } from "./test-support/made-up.ts";

const CONTEXT: RobustnessContext = { images: { name: "folder", skipped: [] }, seed: 0, date: "2026-01-01" };
const NET = { name: "net", outcome: "class", classes: 10 } as const;

describe("robustnessResult", () => {
  describe("of four images under snow, by hand", () => {
    // wrong and predicted, image by image: clean, then severities 1 to 5; the true class is 0
    const PREDICTED: Readonly<Record<string, readonly number[]>> = {
      clean: [0, 0, 0, 1],
      "snow/1": [0, 0, 1, 1],
      "snow/2": [0, 2, 1, 1],
      "snow/3": [0, 2, 0, 3],
      "snow/4": [1, 2, 1, 3],
      "snow/5": [1, 2, 2, 0],
    };
    const store = createObservations([NET], conditionsOf(["snow"]), 4);
    for (const [key, classes] of Object.entries(PREDICTED))
      store.record(
        "net",
        key,
        classes.map((predicted, image) => ({ image, predicted, confidence: 0.5, rank: predicted * 2 })),
      );
    const result = robustnessResult(store, CONTEXT);
    const net = result.models[0]!;
    const snow = net.corruptions[0]!;

    it("counts errors, the five highest, agreement with clean and flips between neighbouring severities", () => {
      expect(net.conditions.map(({ error }) => error.value)).toEqual([0.25, 0.5, 0.75, 0.5, 1, 0.75]);
      expect(net.conditions.map(({ top5 }) => top5.value)).toEqual([1, 1, 1, 0.75, 0.75, 1]);
      expect(net.conditions.map(({ agreement }) => agreement.value)).toEqual([null, 0.75, 0.5, 0.5, 0, 0]);
      expect(snow.error.value).toBeCloseTo((2 + 3 + 2 + 4 + 3) / 20, 12);
      // 1→2: image 1; 2→3: images 2, 3; 3→4: images 0, 2; 4→5: images 2, 3
      expect(snow.flips.value).toBeCloseTo(7 / 16, 12);
      expect(snow.flipsFromClean.value).toBe(0.25);
    });

    it("divides by AlexNet's errors, and calls the mean over one corruption what it is", () => {
      const { snow: alexnet } = ALEXNET_ERRORS.errors as { snow: number };
      expect(snow.ce.value).toBeCloseTo(0.7 / alexnet, 12);
      expect(snow.relativeCe.value).toBeCloseTo((0.7 - 0.25) / (alexnet - 0.4345), 12);
      expect(net.summary.mce.name).toBe("mean CE over 1 corruption");
      expect(net.summary.mce.value).toBeCloseTo(0.7 / alexnet, 12);
      expect(net.summary.meanAccuracy.value).toBeCloseTo(0.3, 12);
      expect(result.reference).toMatchObject({ name: "AlexNet", kind: "published", clean: 0.4345 });
      expect(result.comparisons).toEqual([]);
    });

    it("against itself has a CE of exactly 1, which no interval surrounds", () => {
      const own = robustnessResult(store, { ...CONTEXT, reference: "net" });
      expect(own.models[0]?.corruptions[0]?.ce).toEqual({ value: 1, low: null, high: null, n: 4 });
      expect(own.reference).toMatchObject({ kind: "model", clean: 0.25 });
      expect(own.reference.errors.snow).toBeCloseTo(0.7, 12);
    });
  });

  describe("beside Python", () => {
    type Bootstrap = { value: number; n: number; low: number; high: number; error: number };
    interface Reference {
      readonly images: number;
      readonly classes: number;
      readonly outcomes: Record<
        string,
        Record<string, { predicted: number[]; confidence: number[]; rank: number[] }>
      >;
      readonly conditions: Record<string, Record<string, Record<string, number>>>;
      readonly corruptions: Record<string, Record<string, Record<string, number>>>;
      readonly summaries: Record<"mce" | "relativeMce" | "meanError", Record<string, Bootstrap>> &
        Record<"mceOfAByB" | "mceDifference", Bootstrap>;
    }
    const file = new URL("fixtures/metrics.json", import.meta.url);
    const python = JSON.parse(readFileSync(file, "utf8")) as Reference;
    const models = ["a", "b"].map((name) => ({ name, outcome: "class", classes: python.classes }) as const);
    const store = createObservations(models, conditionsOf(commonCorruptions), python.images);
    for (const { name } of models)
      for (const [key, { predicted, confidence, rank }] of Object.entries(python.outcomes[name]!))
        store.record(
          name,
          key,
          predicted.flatMap((k, image) =>
            k < 0 ? [] : [{ image, predicted: k, confidence: confidence[image]!, rank: rank[image]! }],
          ),
        );
    const result = robustnessResult(store, CONTEXT);

    it("every condition's accuracy with Wilson's interval, top 5, confidence, ECE and agreement are the same", () => {
      for (const { name, conditions } of result.models)
        for (const own of conditions) {
          const key = own.corruption === null ? "clean" : `${own.corruption}/${own.severity}`;
          const expected = python.conditions[name]![key]!;
          const found: Record<string, number | null> = {
            n: own.accuracy.n,
            accuracy: own.accuracy.value,
            low: own.accuracy.low,
            high: own.accuracy.high,
            top5: own.top5.value,
            confidence: own.confidence,
            ece: own.ece,
            agreement: key === "clean" ? 1 : own.agreement.value,
          };
          // 1e-6: 1.959964 for the normal quantile, nine digits in the fixture
          for (const [figure, value] of Object.entries(expected))
            expect(found[figure], `${name} ${key} ${figure}`).toBeCloseTo(value, 6);
        }
    });

    it("every corruption's mean error, CE, relative CE and flips are the same", () => {
      for (const { name, corruptions } of result.models)
        for (const own of corruptions) {
          const { n, error, ce, relativeCe, flips } = python.corruptions[name]![own.corruption]!;
          expect([own.error.n, own.ce.n], own.corruption).toEqual([n, n]);
          expect(own.error.value).toBeCloseTo(error!, 8);
          expect(own.ce.value).toBeCloseTo(ce!, 8);
          expect(own.relativeCe.value).toBeCloseTo(relativeCe!, 7);
          expect(own.flips.value).toBeCloseTo(flips!, 8);
        }
    });

    /** The same number and images; half widths as the bootstrap's standard error says, for which t at some 55 is 2.00. */
    function likeBootstrap({ value, low, high, n }: Estimate, expected: Bootstrap): void {
      expect(value).toBeCloseTo(expected.value, 7);
      expect(n).toBe(expected.n);
      // n − 1 for n in the variance, and the bootstrap's own draws: 20,000 leave half a percent
      expect((high! - low!) / 4.008 / expected.error).toBeGreaterThan(0.98);
      expect((high! - low!) / 4.008 / expected.error).toBeLessThan(1.04);
    }

    it("mCE, relative mCE and their intervals are those of a bootstrap over images", () => {
      for (const { name, summary } of result.models) {
        likeBootstrap(summary.mce, python.summaries.mce[name]!);
        likeBootstrap(summary.relativeMce, python.summaries.relativeMce[name]!);
        const { value, n, low, high } = summary.meanError;
        const expected = python.summaries.meanError[name]!;
        expect(value).toBeCloseTo(expected.value, 8);
        expect(n).toBe(expected.n);
        // Wilson's interval leans to the middle by about half a deviation squared
        expect(Math.abs(low! - expected.low)).toBeLessThan(0.15 * expected.error);
        expect(Math.abs(high! - expected.high)).toBeLessThan(0.15 * expected.error);
        expect([summary.mce.name, summary.relativeMce.name]).toEqual(["mCE", "relative mCE"]);
      }
    });

    it("so are the paired difference of two models, and mCE against a model", () => {
      likeBootstrap(result.comparisons[0]!.mce, python.summaries.mceDifference);
      const byB = robustnessResult(store, { ...CONTEXT, reference: "b" }).models[0]!.summary.mce;
      // to first order, which a ratio's bootstrap is not: a few percent wider
      expect(byB.value).toBeCloseTo(python.summaries.mceOfAByB.value, 7);
      expect(byB.n).toBe(python.summaries.mceOfAByB.n);
      const ratio = (byB.high! - byB.low!) / 4.008 / python.summaries.mceOfAByB.error;
      expect(ratio).toBeGreaterThan(0.93);
      expect(ratio).toBeLessThan(1.05);
    });
  });

  describe("of any outcomes", () => {
    const models = [NET, { ...NET, name: "other" }, { name: "mask", outcome: "agreement" }] as const;
    const corruptions = ["fog", "gaussian_noise", "saturate", "rotation"];
    const store = madeUpObservations({ models, corruptions, images: 30 });
    const result = robustnessResult(store, CONTEXT);

    it("is plain data without a number that JSON has no word for", () => {
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    });

    it("has no CE where the reference knows no error, and says over how many the mean is", () => {
      const { corruptions: own, summary } = result.models[0]!;
      expect(own.map(({ ce }) => ce.value === null)).toEqual([false, false, false, true]);
      expect(summary.mce.name).toBe("mean CE over 3 corruptions");
      expect(summary.mce.value).toBeCloseTo(
        (own[0]!.ce.value! + own[1]!.ce.value! + own[2]!.ce.value!) / 3,
        9,
      );
      expect(summary.corruptions).toEqual(corruptions);
      expect(result.corruptions.map(({ imagenetC }) => imagenetC)).toEqual([
        "common",
        "common",
        "validation",
        null,
      ]);
    });

    it("compares every two models, the second against the first with the opposite sign", () => {
      expect(result.comparisons.map(({ first, second }) => `${first} ${second}`)).toEqual([
        "net other",
        "net mask",
        "other mask",
      ]);
      const turned = createObservations([models[1], models[0]], store.conditions, 30);
      for (const { name } of turned.models)
        for (const key of store.conditions) turned.record(name, key, [...store.columns(name, key).entries()]);
      const { meanError } = robustnessResult(turned, CONTEXT).comparisons[0]!;
      const there = result.comparisons[0]!.meanError;
      expect([-meanError.value!, -meanError.high!, -meanError.low!]).toEqual([
        there.value,
        there.low,
        there.high,
      ]);
    });

    it("knows of a model without classes only how well it agrees with itself", () => {
      const mask = result.models[2] as ModelFigures;
      expect(mask.summary).toMatchObject({
        meanError: { value: null },
        mce: { value: null },
        flips: { value: null },
      });
      expect(mask.summary.agreement.n).toBe(30);
      const mean = mask.conditions.slice(1).reduce((sum, c) => sum + c.agreement.value! / 20, 0);
      expect(mask.summary.agreement.value).toBeCloseTo(mean, 9);
      expect(mask.calibration).toEqual([]);
    });

    it("knows agreement, flips and confidence of classes without labels, and no error", () => {
      const bare = madeUpObservations({ models: [NET], corruptions, images: 30, isLabelled: false });
      const [{ summary, conditions }] = robustnessResult(bare, CONTEXT).models as unknown as [ModelFigures];
      expect(summary.agreement.value).toBe(result.models[0]?.summary.agreement.value);
      expect(summary.flips.value).toBe(result.models[0]?.summary.flips.value);
      expect(conditions.map(({ confidence }) => confidence)).toEqual(
        result.models[0]?.conditions.map(({ confidence }) => confidence),
      );
      expect([summary.meanError.value, summary.mce.value, summary.ece.clean]).toEqual([null, null, null]);
    });

    it("of nothing yet is all nulls", () => {
      const empty = robustnessResult(createObservations(models, store.conditions, 30), CONTEXT);
      expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);
      expect(empty.models[0]?.summary).toMatchObject({
        mce: { value: null, n: 0 },
        agreement: { value: null, n: 0 },
      });
    });

    it("refuses a reference that is none of the models", () => {
      const make = () => robustnessResult(store, { ...CONTEXT, reference: "othr" });
      expect(make).toThrow(UsageError);
      expect(make).toThrow(/Did you mean "other"/);
    });
  });

  it("takes the summary over ImageNet-C's fifteen where others were run too, and only on images that have them all", () => {
    const ids = ["rotation", ...commonCorruptions];
    const full = madeUpObservations({ models: [NET], corruptions: ids, images: 40 });
    const partly = copyWithout(full, (key, image) => key === "snow/2" && image < 5);
    const [{ summary, corruptions }] = robustnessResult(partly, CONTEXT).models as unknown as [ModelFigures];
    expect(summary.corruptions).toEqual(commonCorruptions);
    expect([summary.mce.name, summary.mce.n, summary.meanError.n]).toEqual(["mCE", 35, 35]);
    expect(corruptions.filter(({ error }) => error.n !== 40).map((c) => [c.corruption, c.error.n])).toEqual([
      ["snow", 35],
    ]);
  });

  it("knows no CE by means over five severities where fewer were run", () => {
    const store = createObservations([NET], conditionsOf(["snow"], [1, 3]), 12);
    for (const key of store.conditions)
      store.record(
        "net",
        key,
        Array.from({ length: 12 }, (_, image) => ({ image, predicted: 1, confidence: 1, rank: 1 })),
      );
    const [{ corruptions, summary }] = robustnessResult(store, CONTEXT).models as unknown as [ModelFigures];
    expect(corruptions[0]).toMatchObject({ severities: [1, 3], ce: { value: null }, flips: { value: null } });
    expect(corruptions[0]?.flipsFromClean.value).toBe(0);
    expect(summary.mce.name).toBe("mean CE over 0 corruptions");
  });
});

function copyWithout(store: Observations, isLeft: (key: string, image: number) => boolean): Observations {
  const copy = createObservations(store.models, store.conditions, store.imageCount);
  for (const { name } of store.models)
    for (const key of store.conditions)
      copy.record(
        name,
        key,
        [...store.columns(name, key).entries()].filter(({ image }) => !isLeft(key, image)),
      );
  return copy;
}
