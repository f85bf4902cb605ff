// Gaussian fits. Oracles: SciPy's curve_fit, recorded from two starts (tools/reference/field_fits.py); the Gaussian itself where
// R is one; and for ugly fields, that nothing throws and every refusal has its reason.
import { InternalError } from "@snellen/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldValues } from "./field-values.ts";
import { fitGaussian, type GaussianFit, whyNoWidth } from "./gaussian-fit.ts";
import { bump, fieldOf, type RecordedFit, recorded, tailed } from "./test-support/made-fields.ts";

/** Largest relative difference of a value. */
const off = (fit: GaussianFit, wanted: RecordedFit): number =>
  Math.max(
    ...(Object.keys(wanted) as (keyof RecordedFit)[]).map((key) =>
      Math.abs((fit[key] ?? Number.NaN) / wanted[key] - 1),
    ),
  );

describe("fitGaussian", () => {
  // both solvers stop at a millionth of their steps; the fixture has seven decimals
  it.each(recorded.small)("is SciPy's optimum from its own start and from SciPy's: $name", (row) => {
    const field: FieldValues = { values: Float64Array.from(row.values), dims: row.dims };
    for (const start of [undefined, row.start]) {
      const fit = fitGaussian(field, { start });
      expect(fit).toMatchObject({ converged: true });
      expect(off(fit, row.fit)).toBeLessThan(1e-5);
    }
  });

  it.each(recorded.large)(
    "is within 0.2 % of SciPy's over blocks, where tails are not Gaussian: $dims",
    (row) => {
      const fit = fitGaussian(fieldOf(...row.dims, tailed(row.centre, row.widths)));
      expect(fit.converged).toBe(true);
      expect(off(fit, row.fit)).toBeLessThan(2e-3);
    },
  );

  it.each([
    [224, 224, 110.25, 117.5, 31, 18],
    [700, 530, 300.7, 340.2, 80, 55],
    [900, 1000, 871.4, 20.6, 3, 5],
    [60, 60, 30, 30, 59, 50],
  ])("finds a Gaussian again in %dx%d pixels, over blocks too", (height, width, cx, cy, sx, sy) => {
    const field = fieldOf(height, width, bump(cx, cy, sx, sy));
    const amplitude = (2 * Math.PI * sx * sy) / field.values.reduce((a, v) => a + v, 0);
    const fit = fitGaussian(field);
    expect(fit.converged).toBe(true);
    const wanted = { centreX: cx, centreY: cy, sigmaX: sx, sigmaY: sy, amplitude, r2: 1 };
    expect(off(fit, wanted)).toBeLessThan(1e-6);
  });

  it("is the broad field's, whatever a few bright pixels do, and the spike's where that is more of the variance", () => {
    const base = bump(40, 44, 15, 12);
    const spiked = (height: number) =>
      fieldOf(90, 90, (x, y) => base(x, y) + (x === 38 && y === 44 ? height : 0));
    expect(fitGaussian(spiked(3)).sigmaX).toBeCloseTo(15, 0);
    expect(fitGaussian(spiked(100)).sigmaX).toBeLessThan(1);
  });

  it("does not depend on the scale of R", () => {
    const field = fieldOf(48, 40, (x, y) => bump(17, 26, 6, 7)(x, y) * (1 + 0.5 * Math.sin(3 * x + 5 * y)));
    const fit = fitGaussian(field);
    const { values, dims } = field;
    for (const scale of [1e-30, 1e30])
      expect(
        off(fitGaussian({ values: values.map((v) => scale * v), dims }), fit as RecordedFit),
      ).toBeLessThan(1e-6);
  });

  it.each<[string, (x: number, y: number) => number, RegExp]>([
    ["zeros", () => 0, /zero everywhere/],
    ["a constant", () => 0.25, /same everywhere/],
    ["a NaN", (x, y) => (x === 3 && y === 4 ? Number.NaN : 1), /not finite/],
    ["a negative sum", () => -1, /sums to -/],
    ["one pixel", (x, y) => (x === 3 && y === 4 ? 1 : 0), /narrower than a pixel/],
    ["one line", (x) => (x === 12 ? 1 : 0), /narrower than a pixel/],
    ["a slope", (x) => x, /wider than the image/],
    ["a hollow", (x, y) => (x - 15) ** 2 + (y - 15) ** 2, /wider than the image|not positive/],
  ])("says why it cannot fit %s", (_, value, reason) => {
    const fit = fitGaussian(fieldOf(32, 32, value));
    expect(fit).toMatchObject({ converged: false, reason: expect.stringMatching(reason) });
  });

  it("says that it did not settle, with the values reached", () => {
    const field = fieldOf(40, 40, tailed([18, 22], [5, 8]));
    const fit = fitGaussian(field, {
      maxSteps: 2,
      start: { sigmaX: 1, sigmaY: 1, centreX: 10, centreY: 30, amplitude: 1 },
    });
    expect(fit).toMatchObject({ converged: false, reason: "the fit did not settle in 2 steps." });
    expect(fit.sigmaX).toBeGreaterThan(0);
  });

  it("throws nothing at any field, and returns finite positive sizes where it converged", () => {
    const ugly = fc.oneof(
      fc.double({ min: 0, max: 1 }),
      fc.constantFrom(0, 1e-300, 1e300, Number.NaN, Number.POSITIVE_INFINITY, -1),
    );
    const mild = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
    const fields = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.boolean())
      .chain(([h, w, isMild]) =>
        fc.tuple(
          fc.constant([h, w] as const),
          fc.array(isMild ? mild : ugly, { minLength: h * w, maxLength: h * w }),
        ),
      );
    let converged = 0;
    fc.assert(
      fc.property(fields, ([dims, values]) => {
        const fit = fitGaussian({ values: Float64Array.from(values), dims });
        if (!fit.converged) return fit.reason.length > 0;
        converged++;
        const { sigmaX, sigmaY, centreX, centreY, amplitude, r2 } = fit;
        return (
          [centreX, centreY].every(Number.isFinite) && sigmaX > 0 && sigmaY > 0 && amplitude > 0 && r2 <= 1
        );
      }),
      { seed: 5, numRuns: 300 },
    );
    expect(converged).toBeGreaterThan(5);
  });

  it("refuses values that do not fill the pixels", () => {
    expect(() => fitGaussian({ values: new Float64Array(11), dims: [3, 4] })).toThrow(InternalError);
  });
});

describe("whyNoWidth", () => {
  it("is that a Gaussian sits on a spike whose field is elsewhere", () => {
    const [height, width] = [40, 40];
    const values = Float64Array.from({ length: height * width }, (_, i) => {
      const [y, x] = [Math.floor(i / width), i % width];
      return 1 + (x === 20 && y === 20 ? 80 : 0) + (Math.abs(x - 20) + Math.abs(y - 20) === 1 ? 40 : 0);
    });
    expect(whyNoWidth(fitGaussian({ values, dims: [height, width] }))).toMatch(/holds only \d+ % of R/);
  });

  it("is nothing for a Gaussian, however noisy", () => {
    const [height, width] = [40, 40];
    const values = Float64Array.from({ length: height * width }, (_, i) => {
      const [y, x] = [Math.floor(i / width) - 20, (i % width) - 20];
      return Math.exp(-(x * x + y * y) / 50) * (1 + 0.9 * Math.sin(37 * i));
    });
    expect(whyNoWidth(fitGaussian({ values, dims: [height, width] }))).toBeUndefined();
  });
});
