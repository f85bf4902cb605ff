// The registry of activations whose gradient gain is known: value, derivative and where the derivative jumps.
// Definitions as in PyTorch (torch.nn.functional), checked against it in activations.test.ts.
import { findById } from "../../find-by-id.ts";

/** A pointwise activation φ of one real number. */
export interface Activation {
  readonly id: string;
  /** What it is, for tables. */
  readonly title: string;
  /** φ(z). */
  readonly value: (z: number) => number;
  /** φ′(z); at a kink the value that PyTorch takes, or any between both sides. */
  readonly derivative: (z: number) => number;
  /** Where φ′ or φ″ jumps, ascending: integrals are split there. */
  readonly kinks: readonly number[];
}

const SQRT_2 = Math.SQRT2;
const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
/** The cubic's factor in the tanh form of GELU (Hendrycks & Gimpel 2016). */
const GELU_CUBIC = 0.044715;

/**
 * The error function, to about 1e-14: below 3 the series of positive terms
 * (2/√π)·e^(−x²)·Σ 2ⁿ x^(2n+1)/(2n+1)!!, above it the continued fraction of erfc.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  const bell = TWO_OVER_SQRT_PI * Math.exp(-x * x);
  if (size < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return bell * sum;
  }
  let tail = size;
  for (let n = 40; n >= 1; n--) tail = size + n / 2 / tail;
  return Math.sign(x) * (1 - bell / 2 / tail);
}

const normalDensity = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
const normalShare = (z: number) => (1 + erf(z / SQRT_2)) / 2;
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const clamp = (z: number, low: number, high: number) => Math.min(Math.max(z, low), high);
const tanhGeluInner = (z: number) => SQRT_2_OVER_PI * (z + GELU_CUBIC * z ** 3);

/** Leaky ReLU. @param slope of the negative side, any number; 0 is ReLU, 1 no activation */
export const leakyRelu = (slope: number): Activation => ({
  id: "leaky-relu",
  title: `Leaky ReLU (slope ${slope})`,
  value: (z) => (z > 0 ? z : slope * z),
  derivative: (z) => (z > 0 ? 1 : slope),
  kinks: [0],
});

/** Every activation, by the ids that options take. */
export const activations: readonly Activation[] = [
  { id: "none", title: "none (identity)", value: (z) => z, derivative: () => 1, kinks: [] },
  {
    id: "relu",
    title: "ReLU",
    value: (z) => Math.max(z, 0),
    derivative: (z) => (z > 0 ? 1 : 0),
    kinks: [0],
  },
  leakyRelu(0.01),
  {
    id: "relu6",
    title: "ReLU6",
    value: (z) => clamp(z, 0, 6),
    derivative: (z) => (z > 0 && z < 6 ? 1 : 0),
    kinks: [0, 6],
  },
  {
    id: "gelu",
    title: "GELU (erf)",
    value: (z) => z * normalShare(z),
    derivative: (z) => normalShare(z) + z * normalDensity(z),
    kinks: [],
  },
  {
    id: "gelu-tanh",
    title: "GELU (tanh form)",
    value: (z) => (z / 2) * (1 + Math.tanh(tanhGeluInner(z))),
    derivative(z) {
      const t = Math.tanh(tanhGeluInner(z));
      return (1 + t) / 2 + (z / 2) * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * z * z);
    },
    kinks: [],
  },
  {
    id: "silu",
    title: "SiLU (Swish)",
    value: (z) => z * sigmoid(z),
    derivative(z) {
      const s = sigmoid(z);
      return s * (1 + z * (1 - s));
    },
    kinks: [],
  },
  {
    id: "hard-swish",
    title: "Hard-Swish",
    value: (z) => (z * clamp(z + 3, 0, 6)) / 6,
    derivative: (z) => (z <= -3 ? 0 : z >= 3 ? 1 : (2 * z + 3) / 6),
    kinks: [-3, 3],
  },
  { id: "tanh", title: "tanh", value: Math.tanh, derivative: (z) => 1 - Math.tanh(z) ** 2, kinks: [] },
  {
    id: "sigmoid",
    title: "sigmoid",
    value: sigmoid,
    derivative: (z) => sigmoid(z) * (1 - sigmoid(z)),
    kinks: [],
  },
  {
    id: "elu",
    title: "ELU (α = 1)",
    value: (z) => (z > 0 ? z : Math.expm1(z)),
    derivative: (z) => (z > 0 ? 1 : Math.exp(z)),
    kinks: [0],
  },
  {
    id: "mish",
    title: "Mish",
    value: (z) => z * Math.tanh(softplus(z)),
    derivative(z) {
      const t = Math.tanh(softplus(z));
      return t + z * (1 - t * t) * sigmoid(z);
    },
    kinks: [],
  },
];

/**
 * The activation of an id, or the activation itself (`leakyRelu(0.2)`, or one of your own).
 * @throws UsageError `unknown-activation` with the nearest known id
 */
export const activationOf = (activation: string | Activation): Activation =>
  typeof activation === "string"
    ? findById(activations, activation, {
        code: "unknown-activation",
        what: "activation",
        flag: "--activation",
      })
    : activation;
