// Means of an activation over a unit Gaussian, and over one coordinate of normalized values, by Gauss–Legendre quadrature.
// Derived here; the quadrature rule after Davis & Rabinowitz, its nodes by Newton's method on the Legendre polynomial.
import type { Activation } from "./activations.ts";

/** What the closed forms need to know of φ; z ~ N(0, 1), a = φ(z). To about 1e-12 but for the last. */
export interface GaussianMoments {
  /** q = E[a²]. */
  readonly q: number;
  /** c = E[φ′(z)²]. */
  readonly c: number;
  /** μ = E[a]. */
  readonly mu: number;
  /** v = q − μ². */
  readonly variance: number;
  /** E[(a − μ)⁴]/v²; 3 for a Gaussian. */
  readonly kurtosis: number;
  /** E[a⁴]/q². */
  readonly rawKurtosis: number;
  /** Cov(φ′(z)², (a − μ)²)/(c·v): whether φ is steep where it is far from its mean. */
  readonly steepness: number;
  /** P(|φ′(z)| < 0.02), to about 0.01: the share of values that hardly any gradient passes (ReLU: 1/2). */
  readonly flatShare: number;
}

type RealFunction = (z: number) => number;

const NODES = 20;
/** Gaussian mass beyond this is 2e-23. */
const REACH = 10;
const PANELS = 20;
const FLAT = 0.02;
/** Of more values than this, one is Gaussian to about 1e-4, and the sphere's narrow angles cost digits. */
const SPHERE_LIMIT = 1e4;

const rule = gaussLegendre(NODES);

/**
 * Nodes and weights on [−1, 1], exact for polynomials of degree 2n − 1.
 * @param n number of nodes, at least 1
 */
export function gaussLegendre(n: number): { readonly x: number; readonly weight: number }[] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 50; step++) {
      let [before, now] = [1, x];
      for (let k = 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
      slope = (n * (x * now - before)) / (x * x - 1);
      const move = now / slope;
      x -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    return { x, weight: 2 / ((1 - x * x) * slope * slope) };
  });
}

/** ∫ f over [from, to], in equal panels that are also cut at `kinks`. */
function integrate(f: RealFunction, from: number, to: number, kinks: readonly number[]): number {
  const even = Array.from({ length: PANELS + 1 }, (_, i) => from + ((to - from) * i) / PANELS);
  const cuts = [...even, ...kinks.filter((k) => k > from && k < to)].sort((a, b) => a - b);
  let sum = 0;
  for (let i = 1; i < cuts.length; i++) {
    const [middle, half] = [(cuts[i]! + cuts[i - 1]!) / 2, (cuts[i]! - cuts[i - 1]!) / 2];
    for (const { x, weight } of rule) sum += half * weight * f(middle + half * x);
  }
  return sum;
}

/** E[f(z)], z ~ N(0, 1). @param kinks where f or its derivative jumps */
export const gaussianMean = (f: RealFunction, kinks: readonly number[] = []): number =>
  integrate((z) => f(z) * Math.exp((-z * z) / 2), -REACH, REACH, kinks) / Math.sqrt(2 * Math.PI);

/**
 * E[f(ĥ)] where ĥ is one of n independent Gaussian values after normalization to mean 0 and mean square 1 over the n: they
 * lie evenly on a sphere of radius √n in n − 1 dimensions, so that ĥ = √(n−1)·sin θ with density ∝ cos^(n−3) θ.
 * @param n number of values, at least 4; tends to `gaussianMean` as n grows
 * @param kinks where f or its derivative jumps
 */
export function normalizedMean(f: RealFunction, kinks: readonly number[], n: number): number {
  if (n > SPHERE_LIMIT) return gaussianMean(f, kinks);
  const radius = Math.sqrt(n - 1);
  const angle = (h: number) => Math.asin(Math.max(-1, Math.min(1, h / radius)));
  const density = (theta: number) => Math.cos(theta) ** (n - 3);
  const end = angle(REACH);
  const mean = integrate((t) => f(radius * Math.sin(t)) * density(t), -end, end, kinks.map(angle));
  return mean / integrate(density, -end, end, []);
}

const known = new WeakMap<Activation, GaussianMoments>();

/** The moments of φ over z ~ N(0, 1), kept per activation. */
export function gaussianMoments(activation: Activation): GaussianMoments {
  const kept = known.get(activation);
  if (kept !== undefined) return kept;
  const { value, derivative, kinks } = activation;
  const mean = (f: RealFunction) => gaussianMean(f, kinks);
  const mu = mean(value);
  const q = mean((z) => value(z) ** 2);
  const c = mean((z) => derivative(z) ** 2);
  const variance = mean((z) => (value(z) - mu) ** 2);
  const moments: GaussianMoments = {
    q,
    c,
    mu,
    variance,
    kurtosis: mean((z) => (value(z) - mu) ** 4) / variance ** 2,
    rawKurtosis: mean((z) => value(z) ** 4) / q ** 2,
    steepness: mean((z) => derivative(z) ** 2 * (value(z) - mu) ** 2) / (c * variance) - 1,
    flatShare: mean((z) => (Math.abs(derivative(z)) < FLAT ? 1 : 0)),
  };
  known.set(activation, moments);
  return moments;
}
