// Oracle: counts by hand over four images, each wrong and right as written.
import { describe, expect, it } from "vitest";
import { conditionsOf } from "../../robustness/condition.ts";
import { createObservations, type Observations } from "../../robustness/observations.ts";
import { enhancementAgainst, lossesBetween, lossesOf, networkSeries } from "./losses.ts";

/** Whether the prediction is right, image by image: clean, under fog of severity 1 and 2, and enhanced by 1.2 and 1.5. */
const RIGHT = {
  a: ["1101", "1100", "0100", "1101", "0000"],
  b: ["1111", "1111", "1111", "0111", "0111"],
} as const;
const CONDITIONS = conditionsOf(["fog", "contrast_enhancement"], [1, 2]);

function observed(isLabelled = true): Observations {
  const models = Object.keys(RIGHT).map((name) => ({ name, outcome: "class" as const, classes: 10 }));
  const observations = createObservations(models, CONDITIONS, 4);
  for (const [name, rows] of Object.entries(RIGHT))
    for (const [k, condition] of CONDITIONS.entries())
      observations.record(
        name,
        condition,
        [...(rows[k] as string)].map((right, image) => ({
          image,
          predicted: right === "1" ? image : 9,
          confidence: 1,
          rank: isLabelled ? 1 - Number(right) : -1,
        })),
      );
  return observations;
}

const values = ({ corruptions }: ReturnType<typeof lossesOf>, of: "loss" | "error") =>
  Object.fromEntries(corruptions.map((own) => [own.corruption, own[of].value]));

describe("lossesOf", () => {
  it("is the accuracy lost from the clean picture", () => {
    const own = lossesOf(networkSeries(observed(), "a"), ["fog"]);
    expect(own).toMatchObject({ measure: "accuracy", cleanError: { value: 1 / 4, n: 4 } });
    // of 3 right ones: 2 and 1 under fog; 3 and none enhanced
    expect(values(own, "loss")).toEqual({ fog: (1 + 2) / 8, contrast_enhancement: 3 / 8 });
    expect(values(own, "error")).toEqual({ fog: 5 / 8, contrast_enhancement: 5 / 8 });
    expect(own.mean.loss.value).toBe(3 / 8);
    // a share's interval, however few the images: Wilson's for one of four
    expect(own.cleanError.low).toBeCloseTo(0.0456, 4);
    expect(own.cleanError.high).toBeCloseTo(0.6994, 4);
    expect(own.curve.map(({ factor, loss }) => [factor, loss.value])).toEqual([
      [1.2, 0],
      [1.5, 3 / 4],
    ]);
  });

  it("is the share of changed predictions without labels", () => {
    const own = lossesOf(networkSeries(observed(false), "b"), ["fog"]);
    expect(own).toMatchObject({ measure: "agreement", cleanError: { value: null } });
    expect(values(own, "loss")).toEqual({ fog: 0, contrast_enhancement: 1 / 4 });
    expect(values(own, "error")).toEqual(values(own, "loss"));
  });
});

describe("lossesBetween", () => {
  it("is of the same images", () => {
    const [a, b] = [networkSeries(observed(), "a"), networkSeries(observed(), "b")];
    const both = lossesBetween(a, b, ["fog"]);
    expect(both.cleanError.value).toBe(1 / 4);
    expect(values(both, "loss")).toEqual({ fog: 3 / 8, contrast_enhancement: 1 / 8 });
    expect(both.curve.map(({ loss }) => loss.value)).toEqual([-1 / 4, 1 / 2]);
  });
});

describe("enhancementAgainst", () => {
  it("is the loss under contrast enhancement beyond that under others", () => {
    expect(enhancementAgainst(networkSeries(observed(), "a"), ["fog"]).value).toBe(0);
    expect(enhancementAgainst(networkSeries(observed(), "b"), ["fog"]).value).toBe(1 / 4);
    expect(enhancementAgainst(networkSeries(observed(), "b"), []).value).toBeNull();
  });
});
