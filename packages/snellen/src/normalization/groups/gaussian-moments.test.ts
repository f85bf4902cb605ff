import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { activationOf, activations, leakyRelu } from "./activations.ts";
import { gaussianMean, gaussianMoments, gaussLegendre, normalizedMean } from "./gaussian-moments.ts";

// Oracle: mpmath quadrature with 25 digits, derivatives by mpmath's own differentiation: q, c, μ.
const MPMATH: readonly (readonly [string, number, number, number])[] = [
  ["none", 1, 1, 0],
  ["relu", 0.5, 0.5, 0.398942280401],
  ["leaky-relu", 0.50005, 0.50005, 0.394952857597],
  ["relu6", 0.499999998075, 0.499999999013, 0.398942280245],
  ["gelu", 0.42522148257, 0.455850865649, 0.282094791774],
  ["gelu-tanh", 0.425193711033, 0.455817845963, 0.282038588079],
  ["silu", 0.355775519817, 0.379482351633, 0.206620964142],
  ["hard-swish", 0.331567375138, 0.358531517179, 0.166216700656],
  ["tanh", 0.394294490398, 0.464402902448, 0],
  ["sigmoid", 0.293379035858, 0.0448362413502, 0.5],
  ["elu", 0.644945417493, 0.668102001223, 0.160520572267],
  ["mish", 0.452342192376, 0.479083758374, 0.240403888375],
];

describe("gaussianMoments", () => {
  it("has a row of the oracle for each activation", () => {
    expect(MPMATH.map(([id]) => id)).toEqual(activations.map((a) => a.id));
  });

  it.each(MPMATH)("of %s are those of mpmath within 1e-11", (id, q, c, mu) => {
    const moments = gaussianMoments(activationOf(id));
    expect(Math.abs(moments.q - q)).toBeLessThan(1e-11);
    expect(Math.abs(moments.c - c)).toBeLessThan(1e-11);
    expect(Math.abs(moments.mu - mu)).toBeLessThan(1e-11);
    expect(moments.variance).toBeCloseTo(q - mu * mu, 10);
  });

  it.each([0, 0.01, 0.2, -1, 1])("of a leaky ReLU of slope %f are the closed forms", (slope) => {
    // q = c = (1 + a²)/2, μ = (1 − a)/√(2π), E[φ⁴] = 3(1 + a⁴)/2
    const { q, c, mu, rawKurtosis } = gaussianMoments(leakyRelu(slope));
    expect(q).toBeCloseTo((1 + slope ** 2) / 2, 12);
    expect(c).toBeCloseTo((1 + slope ** 2) / 2, 12);
    expect(mu).toBeCloseTo((1 - slope) / Math.sqrt(2 * Math.PI), 12);
    expect(rawKurtosis).toBeCloseTo((1.5 * (1 + slope ** 4)) / q ** 2, 11);
  });

  it.each(activations)("of $id are those of 200,000 draws", (activation) => {
    // Monte Carlo; Box–Muller written here. Five standard errors of each mean.
    const random = randomStream(3, 1);
    const sums = [0, 0, 0, 0, 0].map(() => ({ sum: 0, squares: 0 }));
    const n = 200_000;
    const m = gaussianMoments(activation);
    for (let k = 0; k < n; k++) {
      const z =
        Math.sqrt(-2 * Math.log(1 - random.uniform(0, 1))) * Math.cos(2 * Math.PI * random.uniform(0, 1));
      const [a, slope] = [activation.value(z), activation.derivative(z) ** 2];
      const from = a - m.mu;
      [a * a, slope, a, from ** 4, slope * from * from].forEach((v, i) => {
        sums[i]!.sum += v;
        sums[i]!.squares += v * v;
      });
    }
    const v = m.variance;
    const expected = [m.q, m.c, m.mu, m.kurtosis * v * v, (1 + m.steepness) * m.c * v];
    sums.forEach(({ sum, squares }, i) => {
      const mean = sum / n;
      const error = Math.sqrt(Math.max(squares / n - mean * mean, 0) / n);
      expect(Math.abs(mean - expected[i]!)).toBeLessThan(5 * error + 1e-9);
    });
  });

  it("tells activations that pass no gradient on one side", () => {
    for (const id of ["relu", "relu6", "leaky-relu"])
      expect(gaussianMoments(activationOf(id)).flatShare).toBeCloseTo(0.5, 2);
    for (const id of ["gelu", "silu", "tanh", "hard-swish", "none"])
      expect(gaussianMoments(activationOf(id)).flatShare).toBeLessThan(0.06);
  });
});

describe("quadrature", () => {
  it("Gauss–Legendre of n nodes integrates degree 2n − 1 exactly", () => {
    for (const n of [1, 2, 5, 20])
      for (let degree = 0; degree < 2 * n; degree++) {
        const sum = gaussLegendre(n).reduce((s, { x, weight }) => s + weight * x ** degree, 0);
        expect(sum).toBeCloseTo(degree % 2 === 0 ? 2 / (degree + 1) : 0, 13);
      }
  });

  it("gives the moments of a Gaussian: 1, 3, 15", () => {
    [1, 3, 15].forEach((moment, i) => {
      expect(gaussianMean((z) => z ** (2 * i + 2))).toBeCloseTo(moment, 10);
    });
  });

  it.each([4, 5, 6, 11, 40, 1000])("gives the moments of %i normalized values", (n) => {
    // closed form: on the sphere of radius √n in n − 1 dimensions E ĥ² = 1, E ĥ⁴ = 3(n−1)/(n+1)
    expect(normalizedMean((h) => h * h, [], n)).toBeCloseTo(1, 10);
    expect(normalizedMean((h) => h ** 4, [], n)).toBeCloseTo((3 * (n - 1)) / (n + 1), 9);
    expect(normalizedMean((h) => (h > 0 ? h * h : 0), [0], n)).toBeCloseTo(0.5, 10);
  });
});
