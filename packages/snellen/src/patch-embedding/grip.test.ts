// The verdict on made-up figures at and beside its thresholds.
import { describe, expect, it } from "vitest";
import {
  type FactorFigures,
  FLAT_COSINE,
  FLAT_GROWTH,
  gripOf,
  LOST_GROWTH,
  verdictOf,
  worstOf,
} from "./grip.ts";

const known = (value: number, half = 0.01, n = 100) => ({ value, low: value - half, high: value + half, n });

interface Given {
  readonly growth?: number;
  readonly cosine?: number;
  readonly loss?: number;
  readonly half?: number;
  readonly of?: "accuracy" | "agreement";
}

const at = (
  factor: number,
  { growth = 1, cosine = 1, loss = 0, half, of = "accuracy" }: Given,
): FactorFigures => ({
  factor,
  growth: known(growth),
  cosine: known(cosine),
  loss: { of, ...known(loss, half) },
});

const clean = at(1, {});

describe("the positional embedding", () => {
  it("keeps its grip where ratio and cosine stay, whatever becomes of predictions", () => {
    const flat = { growth: FLAT_GROWTH, cosine: FLAT_COSINE };
    expect(verdictOf([clean, at(5, flat), at(3, { ...flat, loss: 0.5 })])).toBe("keeps-its-grip");
  });

  it.each([
    ["grows", { growth: 1.2 }],
    ["shrinks", { growth: 0.8 }],
    ["turns", { cosine: 0.8 }],
    ["grows without loss", { growth: 4 }],
    ["grows with a loss that may be chance", { growth: 4, loss: 0.1, half: 0.2 }],
    ["grows with a loss that does not matter", { growth: 4, loss: 0.015 }],
    ["loses predictions, but grows little", { growth: LOST_GROWTH - 0.01, loss: 0.5 }],
    ["grows where a few predictions change", { growth: 4, loss: 0.1, of: "agreement" as const }],
  ])("is scale-dependent where z₀ %s", (_, given) => {
    expect(verdictOf([clean, at(3, given)])).toBe("scale-dependent");
  });

  it("loses it where patches outweigh positions and accuracy falls, at one factor", () => {
    expect(verdictOf([clean, at(3, { growth: LOST_GROWTH, loss: 0.05 })])).toBe("loses-its-grip");
    const apart = [clean, at(2, { growth: 2 }), at(3, { growth: 1.3, loss: 0.3 })];
    expect(verdictOf(apart)).toBe("scale-dependent");
  });

  it("loses it where many predictions change, without labels", () => {
    expect(verdictOf([clean, at(3, { growth: 2, loss: 0.2, of: "agreement" })])).toBe("loses-its-grip");
  });

  it("loses it where every image of enough is lost, and not where they are too few for an interval", () => {
    const of = (n: number, low: number | null, high: number | null) =>
      verdictOf([clean, { ...at(3, { growth: 2 }), loss: { of: "accuracy", value: 1, low, high, n } }]);
    expect(of(10, 0.4, 1)).toBe("loses-its-grip");
    expect(of(9, null, null)).toBe("scale-dependent");
  });
});

describe("the grip of a family", () => {
  const family = { id: "contrast_enhancement", title: "contrast" } as const;

  it("names the factor that decides, and the extremes", () => {
    const lost = [
      clean,
      at(2, { growth: 1.6, cosine: 0.9, loss: 0.1 }),
      at(3, { growth: 1.4, cosine: 0.6, loss: 0.4 }),
      at(4, { growth: 0.9, cosine: 0.7, loss: 0.3 }),
    ];
    const grip = gripOf(family, lost);
    expect(grip).toMatchObject({
      verdict: "loses-its-grip",
      growth: { value: 1.6 },
      shrinkage: { value: 0.9 },
    });
    expect(grip).toMatchObject({
      leastCosine: { value: 0.6 },
      loss: { value: 0.1, factor: 2, of: "accuracy" },
    });
    expect(grip.text).toBe(
      "Under growing contrast, patches grow to 1.60 × their size beside E_pos, z₀ keeps a cosine of 0.600 at least, and 10.0 points of accuracy are lost at factor 2: the positional embedding loses its grip.",
    );
  });

  it("does not blame positions for what they did not do", () => {
    const { text } = gripOf(family, [clean, at(5, { growth: 1.2, cosine: 0.5, loss: 0.4 })]);
    expect(text).toMatch(/something else is the cause\.$/);
    expect(gripOf(family, [clean, at(5, { growth: 2 })]).text).toMatch(/no accuracy is lost: .* harmless/);
  });

  it("is judged by the worst", () => {
    expect(worstOf([{ verdict: "scale-dependent" }, { verdict: "loses-its-grip" }])).toBe("loses-its-grip");
    expect(worstOf([{ verdict: "keeps-its-grip" }, { verdict: "scale-dependent" }])).toBe("scale-dependent");
  });
});
