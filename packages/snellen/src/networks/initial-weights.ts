// Initial weights of networks: functions of a parameter's dimensions, of the sizes of its layer and of a seed.
// He et al. 2015 (arXiv:1502.01852), Glorot & Bengio 2010; truncated normal and uniform ones as PyTorch draws them.
import { elementCount } from "@snellen/graph";
import { activationOf } from "../normalization/groups/activations.ts";
import { gaussianMoments } from "../normalization/groups/gaussian-moments.ts";
import { gaussians, randomStream } from "../random.ts";

/** Products that one output of the layer sums, and in how many outputs one input takes part. */
export interface Fan {
  readonly in: number;
  readonly out: number;
}

/** Numbers of a new parameter. @param key of 32-bit integers; equal keys, equal numbers */
export type InitialWeights = (dims: readonly number[], fan: Fan, ...key: readonly number[]) => Float32Array;

export const zeros: InitialWeights = (dims) => new Float32Array(elementCount(dims));

const gaussian =
  (deviation: (fan: Fan) => number): InitialWeights =>
  (dims, fan, ...key) => {
    const size = deviation(fan);
    return gaussians(elementCount(dims), ...key).map((z) => size * z);
  };

const uniform =
  (bound: (fan: Fan) => number): InitialWeights =>
  (dims, fan, ...key) => {
    const size = bound(fan);
    return randomStream(...key)
      .uniforms(elementCount(dims))
      .map((u) => size * (2 * u - 1));
  };

/** Gaussian of standard deviation σ. */
export const normal = (sigma: number): InitialWeights => gaussian(() => sigma);

/** Gaussian of variance 2/fan, which keeps the size of values behind ReLU (`in`), or that of gradients (`out`). */
export const heNormal = (of: keyof Fan): InitialWeights => gaussian((fan) => Math.sqrt(2 / fan[of]));

/** Uniform of variance 2/(fan in + fan out). */
export const xavierUniform: InitialWeights = uniform((fan) => Math.sqrt(6 / (fan.in + fan.out)));

/** Uniform of variance 1/(3·fan in), as PyTorch's linear and convolutional layers begin, their biases too. */
export const fanInUniform: InitialWeights = uniform((fan) => Math.sqrt(1 / fan.in));

/**
 * Gaussian of standard deviation σ before what lies beyond ±`cut` is drawn again.
 * @param cut default 2 whatever σ is, as PyTorch has it: at the usual σ = 0.02 nothing is beyond
 */
export const truncatedNormal =
  (sigma: number, cut = 2): InitialWeights =>
  (dims, _fan, ...key) => {
    const stream = randomStream(...key);
    const values = stream.normals(elementCount(dims)).map((z) => sigma * z);
    values.forEach((value, i) => {
      let drawn = value;
      while (Math.abs(drawn) > cut) drawn = sigma * (stream.normals(1)[0] as number);
      values[i] = drawn;
    });
    return values;
  };

/** What a layer reads went through last: an activation's id, or "none". */
export type After = "relu" | "gelu" | "silu" | "none";

/** Gaussian of variance 1/(fan in · E[φ²]): pre-activations behind φ keep unit variance (He et al. 2015, for any φ). */
export const unitVariance = (after: After): InitialWeights =>
  gaussian((fan) => 1 / Math.sqrt(fan.in * gaussianMoments(activationOf(after)).q));

/** Those that layers may begin with, by name. */
export const initialWeights = {
  "he-fan-in": heNormal("in"),
  "he-fan-out": heNormal("out"),
  "xavier-uniform": xavierUniform,
  "truncated-normal": truncatedNormal(0.02),
} as const satisfies Readonly<Record<string, InitialWeights>>;
