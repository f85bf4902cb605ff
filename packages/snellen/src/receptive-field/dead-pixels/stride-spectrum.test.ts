// Power at a stride's frequencies. Oracles: the closed form a²/4 of a wave of amplitude a (a² at 0.5 cycles per pixel), combs of
// known strides, smooth fields and noise that have no peak.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { bump, fieldOf, transposed } from "../size/test-support/made-fields.ts";
import { strideSpectrum } from "./stride-spectrum.ts";

const found = (field: Parameters<typeof strideSpectrum>[0], strides: Parameters<typeof strideSpectrum>[1]) =>
  strideSpectrum(field, strides)
    .filter(({ isPeak }) => isPeak)
    .map(({ direction, stride, harmonic }) => `${direction} ${harmonic}/${stride}`);

describe("strideSpectrum", () => {
  it.each([[96], [101]])("has the power of a wave, in lines of %d", (width) => {
    const field = fieldOf(
      20,
      width,
      (x) => 2 * (1 + 0.3 * Math.cos((2 * Math.PI * x) / 8 + 1) + 0.1 * (-1) ** x),
    );
    const [first, second, third, fourth] = strideSpectrum(field, [[1, 8]]);
    // lines of unwhole periods have a mean that is 0.5 % off 2, and its square divides the power
    expect(Math.abs((first?.power as number) / (0.3 ** 2 / 4) - 1)).toBeLessThan(0.02);
    expect(Math.abs((fourth?.power as number) / 0.1 ** 2 - 1)).toBeLessThan(0.02);
    expect([first?.isPeak, second?.isPeak, third?.isPeak, fourth?.isPeak]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(fourth).toMatchObject({ direction: "horizontal", stride: 8, harmonic: 4, frequency: 0.5 });
  });

  it("finds the stride and direction of a comb under a Gaussian, and only it, in 150 x 131 pixels", () => {
    const field = fieldOf(150, 131, (x, y) => bump(60, 80, 25, 30)(x, y) * (x % 4 === 1 ? 0.8 : 1));
    expect(found(field, [3, 4, 7])).toEqual(["horizontal 1/4", "horizontal 2/4"]);
    expect(found(transposed(field), [3, 4, 7])).toEqual(["vertical 1/4", "vertical 2/4"]);
    const scaled = { ...field, values: field.values.map((v) => 1e-9 * v) };
    expect(strideSpectrum(scaled, [4])[0]?.power).toBeCloseTo(
      strideSpectrum(field, [4])[0]?.power as number,
      12,
    );
  });

  it("finds a checkerboard both ways, whose rows and columns each average out", () => {
    const field = fieldOf(64, 64, (x, y) => 1 + 0.2 * (-1) ** (x + y));
    expect(found(field, [2])).toEqual(["horizontal 1/2", "vertical 1/2"]);
  });

  it("finds none in smooth fields, cut off or not, nor in noise nor where nothing varies", () => {
    const random = randomStream(4);
    for (const field of [
      fieldOf(112, 112, bump(56, 56, 12, 20)),
      fieldOf(112, 112, bump(56, 56, 3, 2)),
      fieldOf(112, 112, bump(100, 5, 60, 80)),
      fieldOf(112, 112, (x, y) => (1 + ((x - 50) / 9) ** 2 + ((y - 60) / 9) ** 2) ** -1.5),
      fieldOf(112, 112, () => random.uniform(0, 1)),
      fieldOf(112, 112, () => 0.7),
    ])
      expect(found(field, [2, 4, 8, 16])).toEqual([]);
  });

  it("has no background to compare with where a line is shorter than four strides", () => {
    const [peak] = strideSpectrum(
      fieldOf(30, 30, (x) => 1 + (x % 8)),
      [8],
    );
    expect(peak).toMatchObject({ background: undefined, ratio: undefined, isPeak: false });
    expect(peak?.power).toBeGreaterThan(0);
  });

  it("is empty for zeros and for stride 1", () => {
    expect(
      strideSpectrum(
        fieldOf(8, 8, () => 0),
        [2],
      ),
    ).toEqual([]);
    expect(
      strideSpectrum(
        fieldOf(8, 8, () => 1),
        [1],
      ),
    ).toEqual([]);
  });
});
