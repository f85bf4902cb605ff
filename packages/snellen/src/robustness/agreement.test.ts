// Oracles: shares and cosines by hand.
import { InternalError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { agreementKind, outputAgreement } from "./agreement.ts";

const of = (...values: number[]) => Float32Array.from(values);

describe("agreementKind", () => {
  it.each([
    [[21, 4, 4], 0, "classes-per-position"],
    [[4, 4, 21], 2, "classes-per-position"],
    [[1, 4, 4], 0, "classes-per-position"],
    [[21, 1, 1], 0, "embedding"],
    [[512], undefined, "embedding"],
    [[7, 7, 64], undefined, "embedding"],
  ] as const)("of dims %j with classes along %s is %s", (dims, classAxis, kind) => {
    expect(agreementKind({ dims, classAxis })).toBe(kind);
  });
});

describe("outputAgreement", () => {
  // classes at the positions: 0 1 1 | 0 0 1 by rows of [2 classes, 3 positions]
  const clean = of(5, 1, 1, 0, 2, 3);
  const corrupted = of(5, 3, 1, 0, 2, 3);

  it("is the share of positions that keep their class, wherever the class axis is", () => {
    expect(outputAgreement(clean, corrupted, { dims: [2, 3], classAxis: 0 })).toBeCloseTo(2 / 3, 12);
    expect(
      outputAgreement(of(5, 0, 1, 2, 1, 3), of(5, 0, 3, 2, 1, 3), { dims: [3, 2], classAxis: 1 }),
    ).toBeCloseTo(2 / 3, 12);
    // [2 rows, 2 classes, 2 columns]: classes 0 1 / 1 0, then 0 0 / 1 0
    const form = { dims: [2, 2, 2], classAxis: 1 };
    expect(outputAgreement(of(3, 1, 2, 2, 0, 9, 1, 4), of(3, 8, 2, 2, 0, 9, 1, 4), form)).toBe(3 / 4);
  });

  it("of a single class is the share of positions on the same side of the threshold", () => {
    const form = { dims: [1, 4], classAxis: 0 };
    expect(outputAgreement(of(-1, 2, 0.2, -3), of(-2, 1, -0.2, 3), form)).toBe(0.5);
    const shares = { ...form, threshold: 0.5 };
    expect(outputAgreement(of(0.1, 0.6, 0.4, 0.9), of(0.2, 0.7, 0.7, 0.8), shares)).toBe(0.75);
  });

  it.each([
    [[1, 0], [1, 1], Math.SQRT1_2],
    [[3, 4], [6, 8], 1],
    [[1, 0], [-1, 0], 0],
    [[0, 0], [1, 0], 0],
    [[0, 0], [0, 0], 1],
  ])("of the embeddings %j and %j is their cosine, not below 0", (a, b, cosine) => {
    expect(outputAgreement(of(...a), of(...b), { dims: [2], classAxis: undefined })).toBeCloseTo(cosine, 12);
  });

  it("refuses sizes that do not fit and numbers that are not finite", () => {
    const form = { dims: [2], classAxis: undefined };
    expect(() => outputAgreement(of(1), of(1, 2), form)).toThrow(InternalError);
    expect(() => outputAgreement(of(1, Number.NaN), of(1, 2), form)).toThrow(/finite/);
  });
});
