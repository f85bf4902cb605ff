// Initial weights. Oracle: closed forms of their moments, to what 200,000 draws leave open (4 standard errors), and properties.
import { describe, expect, it } from "vitest";
import {
  type Fan,
  fanInUniform,
  heNormal,
  type InitialWeights,
  normal,
  truncatedNormal,
  unitVariance,
  xavierUniform,
  zeros,
} from "./initial-weights.ts";

const DIMS = [200, 1000];
const FAN: Fan = { in: 50, out: 200 };
const COUNT = 200_000;

/** Kurtosis tells the families apart: 3 of a Gaussian, 9/5 of a uniform distribution. */
function momentsOf(initial: InitialWeights) {
  const values = initial(DIMS, FAN, 7, 1);
  const mean = values.reduce((sum, v) => sum + v, 0) / COUNT;
  const moment = (k: number) => values.reduce((sum, v) => sum + (v - mean) ** k, 0) / COUNT;
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return { mean, variance: moment(2), kurtosis: moment(4) / moment(2) ** 2, largest };
}

/** Variance of a standard Gaussian cut at ±2, 1 − 2·2·φ(2)/(1 − 2·Φ(−2)), and its kurtosis, by the same recursion. */
const DENSITY = Math.exp(-2) / Math.sqrt(2 * Math.PI);
const MASS = 0.954499736103642;
const CUT_VARIANCE = 1 - (4 * DENSITY) / MASS;
const CUT_KURTOSIS = (3 * CUT_VARIANCE - (16 * DENSITY) / MASS) / CUT_VARIANCE ** 2;
/** Of ReLU, E[φ²] = 1/2. */
const RELU_VARIANCE = 2 / 50;

describe("initial weights", () => {
  it.each([
    ["normal", normal(0.3), 0.09, 3],
    ["He, fan in", heNormal("in"), 2 / 50, 3],
    ["He, fan out", heNormal("out"), 2 / 200, 3],
    ["Xavier uniform", xavierUniform, 2 / 250, 9 / 5],
    ["uniform by fan in", fanInUniform, 1 / 150, 9 / 5],
    ["truncated normal, as good as whole", truncatedNormal(0.02), 0.0004, 3],
    ["truncated normal, cut at two deviations", truncatedNormal(1), CUT_VARIANCE, CUT_KURTOSIS],
    ["unit variance behind ReLU", unitVariance("relu"), RELU_VARIANCE, 3],
    ["unit variance of nothing", unitVariance("none"), 1 / 50, 3],
  ])("%s", (_, initial, variance, kurtosis) => {
    const found = momentsOf(initial);
    expect(Math.abs(found.mean)).toBeLessThan(4 * Math.sqrt(variance / COUNT));
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(4 * Math.sqrt((kurtosis - 1) / COUNT));
    expect(Math.abs(found.kurtosis - kurtosis)).toBeLessThan(0.05);
  });

  it("stay within their bounds", () => {
    expect(momentsOf(truncatedNormal(1)).largest).toBeLessThanOrEqual(2);
    expect(momentsOf(truncatedNormal(1, 0.5)).largest).toBeLessThanOrEqual(0.5);
    expect(momentsOf(xavierUniform).largest).toBeLessThanOrEqual(Math.sqrt(6 / 250));
    expect(momentsOf(zeros).largest).toBe(0);
  });

  it.each([
    ["He", heNormal("in")],
    ["Xavier", xavierUniform],
    ["truncated", truncatedNormal(1)],
  ])("%s: are the same for the same key, others for another", (_, initial) => {
    const drawn = (...key: number[]) => initial([3, 4], FAN, ...key);
    expect(drawn(1, 2)).toEqual(drawn(1, 2));
    expect(drawn(1, 2)).not.toEqual(drawn(2, 2));
    expect(drawn(1, 2)).not.toEqual(drawn(1, 3));
    expect(drawn(1, 2)).toHaveLength(12);
  });
});
