// Oracle: the Poisson distribution's own mean, variance and probabilities.
import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { poissonOfBytes } from "./poisson.ts";

const DRAWS = 200_000;

const draws = (value: number, mean: number): Uint16Array =>
  poissonOfBytes(randomStream(value, mean), new Uint8Array(DRAWS).fill(value), mean);

const cases = [3, 5, 12, 25, 60].flatMap((mean) => [1, 100, 255].map((value) => ({ mean, value })));

it.each(cases)("has mean and variance of Poisson at value $value of $mean", ({ mean, value }) => {
  const expected = (mean * value) / 255;
  const counts = draws(value, mean);
  const average = counts.reduce((a, b) => a + b, 0) / DRAWS;
  const variance = counts.reduce((a, b) => a + (b - average) ** 2, 0) / (DRAWS - 1);
  // five standard errors; the fourth central moment of Poisson is λ + 3 λ²
  expect(Math.abs(average - expected)).toBeLessThan(5 * Math.sqrt(expected / DRAWS));
  expect(Math.abs(variance - expected)).toBeLessThan(5 * Math.sqrt((expected + 2 * expected ** 2) / DRAWS));
});

it.each(cases)("has the probabilities of Poisson at value $value of $mean", ({ mean, value }) => {
  const expected = (mean * value) / 255;
  const seen = new Float64Array(200);
  for (const count of draws(value, mean)) seen[count]!++;
  let [chiSquare, freedom, probability, restSeen, restExpected] = [0, -1, Math.exp(-expected), 0, 0];
  for (let k = 0; k < seen.length; k++) {
    const wanted = DRAWS * probability;
    if (wanted >= 10) {
      chiSquare += (seen[k]! - wanted) ** 2 / wanted;
      freedom++;
    } else {
      restSeen += seen[k]!;
      restExpected += wanted;
    }
    probability *= expected / (k + 1);
  }
  chiSquare += (restSeen - restExpected) ** 2 / Math.max(1, restExpected);
  freedom++;
  expect(chiSquare).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom) + 5);
});

it("draws 0 for value 0 and for mean 0", () => {
  expect(draws(0, 60).every((count) => count === 0)).toBe(true);
  expect(draws(255, 0).every((count) => count === 0)).toBe(true);
});

it("draws the same for the same seed and another for another", () => {
  const values = Uint8Array.from({ length: 99 }, (_, i) => 2 * i + 20);
  const of = (seed: number) => poissonOfBytes(randomStream(seed), values, 25);
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
});
