// The gradient gain of a block with group normalization, in closed form. After arXiv:2302.03193, whose abstract alone is public
// to us: every formula here is derived here and checked by simulation (closed-form.test.ts, simulate-gain.ts).
import { UsageError } from "@snellen/graph";
import { type Activation, activationOf } from "./activations.ts";
import { type GaussianMoments, gaussianMoments, normalizedMean } from "./gaussian-moments.ts";

/**
 * What is called isometric. "norm": gain = E‖∂L/∂x‖²/E‖∂L/∂o‖², x the block's input and o its output. "variance": the same per
 * element, gain·N_out/N_in, N the numbers of elements.
 */
export type Convention = "norm" | "variance";

/** Which of the two follows the weight: [weight → GN → φ], or [weight → φ → GN]. */
export type Position = "before-activation" | "after-activation";

export interface GainSetting {
  /** G, a divisor of `channels`. */
  readonly groups: number;
  /** C, output channels of the weight. */
  readonly channels: number;
  /** Numbers that one output is made of: input channels (of one group of a grouped convolution) × kernel positions. */
  readonly fanIn: number;
  /** Outputs that one input goes into, were the stride 1: output channels × kernel positions. */
  readonly fanOut: number;
  /** Kernel positions in all (3×3: 9), default 1. */
  readonly kernelPositions?: number;
  /** Stride along each of two axes, default 1. */
  readonly stride?: number;
  /** N_out/N_in where it is known better than fanOut/fanIn/stride². */
  readonly sizeRatio?: number;
  /** φ of this block: an id, or the function itself. */
  readonly activation: string | Activation;
  /** φ that the block's input went through after its normalization; default the same. */
  readonly inputActivation?: string | Activation;
  readonly position: Position;
  /** Output positions, H·W: 1 for a linear layer. The grid is taken for a square. */
  readonly spatial: number;
  /** What a kernel reads outside the image: zeros (the default), or nothing ("none": circular, or windows inside only). */
  readonly padding?: "zero" | "none";
  /**
   * Share of the input's mean square that is one number per channel: mean over channels of (mean over positions)², over the mean
   * square; 0 to below 1. Default μ²/q, of independent positions. With every layer normalized in few groups it grows with
   * depth (ReLU, G = 1: 0.32, 0.49, 0.59, …), so that it is worth measuring.
   */
  readonly offsetShare?: number;
  readonly convention: Convention;
}

export interface ClosedFormGain {
  /** Null where the mean does not exist. */
  readonly gain: number | null;
  /** Whether the setting is in the range in which simulation agrees within 5 %. */
  readonly isValid: boolean;
  /** Why not, one sentence; "" where valid. */
  readonly reason: string;
}

/** A formula with its range. */
export interface ClosedForm {
  readonly id: string;
  readonly position: Position;
  readonly isSpatial: boolean;
  readonly formula: string;
  readonly range: string;
  /** Smallest fan-in, and values per group (channels × positions), within 5 % of simulation. */
  readonly leastFanIn: number;
  readonly leastValues: number;
  /** Smallest side of a zero-padded grid, in kernel sides. */
  readonly leastKernels: number;
  /** Gain by norm for finite sizes; infinite where it diverges. */
  readonly gain: (terms: Terms) => number;
}

/** What the formulas are written in. */
interface Terms {
  /** m = C/G. */
  readonly channelsPerGroup: number;
  /** S. */
  readonly positions: number;
  /** N = m·S. */
  readonly values: number;
  /** Of the block's own φ, and of its input's. */
  readonly block: GaussianMoments;
  readonly input: GaussianMoments;
  readonly activation: Activation;
  /** Independent numbers in the block's input. */
  readonly inputValues: number;
  /** Share of the weight's output variance that is one offset per channel, β². */
  readonly offsetShare: number;
}

/** With few values a flat φ often leaves two that differ a little, and 1/σ² has a heavy tail that only GN's ε ends. */
const LEAST_AFTER = 20;

/**
 * The rows, in one notation: z ~ N(0,1), q = E[φ_in²], μ = E[φ_in], c = E[φ′²], v = Var φ, m channels per group, N = m·S values
 * per group. The weight's outputs h are Gaussian given x, so that GN's ĥ lies on a sphere, independent of σ, and the gradient
 * that leaves it is orthogonal to 1 and to ĥ (hence "−2"), so also to x (hence 1 − 1/n). The texts are for wide layers; the
 * functions add what finite width and few values do. κ = kurtosis and ρ = steepness of φ, see `GaussianMoments`.
 */
const closedForms: readonly ClosedForm[] = [
  {
    id: "linear-before",
    position: "before-activation",
    isSpatial: false,
    formula: "(c/q)·(m−2)/(m−3)",
    range: "m ≥ 4 channels per group, fan-in ≥ 48",
    leastFanIn: 48,
    leastValues: 4,
    leastKernels: 0,
    gain: beforeActivation,
  },
  {
    id: "convolution-before",
    position: "before-activation",
    isSpatial: true,
    formula: "(c/q)·(1−2/N)·E[1/σ²], about (c/q)/(1−(μ²/q)/m) for many positions and channels",
    range: "N ≥ 5 values per group, fan-in ≥ 16; m ≥ 3 where μ² > q/2 (sigmoid)",
    leastFanIn: 16,
    leastValues: 5,
    leastKernels: 1,
    gain: beforeActivation,
  },
  {
    id: "linear-after",
    position: "after-activation",
    isSpatial: false,
    formula: "(c/v)·(m−2)/(m−3)·(1+(κ−3)/(m−1))/(1+2ρ/m)",
    range: "m ≥ 20 channels per group, fan-in ≥ 48",
    leastFanIn: 48,
    leastValues: LEAST_AFTER,
    leastKernels: 0,
    gain: afterActivation,
  },
  {
    id: "convolution-after",
    position: "after-activation",
    isSpatial: true,
    formula: "(c/v)·(N−2)/(N−3)·(1+(κ−3)/(N−1))/(1+2ρ/N)",
    range: "N ≥ 20 values per group, fan-in ≥ 16; zero-padded sides ≥ 1.6 kernels",
    leastFanIn: 16,
    leastValues: LEAST_AFTER,
    leastKernels: 1.6,
    gain: afterActivation,
  },
];

/** The row that speaks of a block. */
export const closedFormOf = (position: Position, spatial: number): ClosedForm =>
  closedForms.find((form) => form.position === position && form.isSpatial === spatial > 1) as ClosedForm;

/**
 * Gradient gain of one block for one number of groups. γ = 1, β = 0, He-scaled Gaussian weights (pre-activations of unit
 * variance), inputs φ_in of independent unit Gaussians (standardized where the normalization follows φ), independent gradients
 * at the output.
 * @throws UsageError `bad-block` for sizes that no block has, `groups-do-not-divide`, `unknown-activation`
 */
export function closedFormGain(setting: GainSetting): ClosedFormGain {
  checkSetting(setting);
  const form = closedFormOf(setting.position, setting.spatial);
  const terms = termsOf(setting);
  const byNorm = form.gain(terms);
  const reason = outsideRange(form, terms, setting, byNorm);
  const gain = Number.isFinite(byNorm) ? byNorm * sizeFactor(setting) : null;
  return { gain, isValid: reason === "", reason };
}

/** N_out/N_in under "variance", 1 under "norm". */
function sizeFactor({ convention, fanIn, fanOut, stride = 1, sizeRatio }: GainSetting): number {
  return convention === "norm" ? 1 : (sizeRatio ?? fanOut / fanIn / stride ** 2);
}

function termsOf(setting: GainSetting): Terms {
  const { groups, channels, fanIn, kernelPositions = 1, spatial, position } = setting;
  const activation = activationOf(setting.activation);
  const input = gaussianMoments(activationOf(setting.inputActivation ?? setting.activation));
  const channelsPerGroup = channels / groups;
  const defaultOffset = position === "before-activation" ? input.mu ** 2 / input.q : 0;
  return {
    channelsPerGroup,
    positions: spatial,
    values: channelsPerGroup * spatial,
    block: gaussianMoments(activation),
    input,
    activation,
    inputValues: (fanIn / kernelPositions) * (spatial > 1 ? spatial : kernelPositions),
    offsetShare: (setting.offsetShare ?? defaultOffset) * paddingShare(setting),
  };
}

/**
 * [weight → GN → φ]. E‖∂L/∂x‖² is c_N·E[1/σ²]/q, with c_N = E[φ′(ĥ)²(1 − 1/N − ĥ²/N)] over the sphere: c(1 − 2/N) for ReLU and
 * in the limit. For a linear layer E[1/σ²] = m/(m−3), which makes (c/q)(m−2)/(m−3).
 */
function beforeActivation(terms: Terms): number {
  const { values, input, activation, inputValues, positions } = terms;
  if (values <= 3) return Number.POSITIVE_INFINITY;
  const { derivative, kinks } = activation;
  const slope = (h: number) => derivative(h) ** 2 * (1 - 1 / values - (h * h) / values);
  const passed = normalizedMean(slope, kinks, values);
  const inverse = meanInverseVariance(terms.channelsPerGroup, positions, terms.offsetShare);
  return (passed / input.q) * inverse * widthFactor(inputValues, input.rawKurtosis);
}

/**
 * [weight → φ → GN], input standardized. To first order in 1/N, E[1/σ²] = (1 + κ/N)/v, and the mean of φ′² over σ² has a further
 * 1 − (2 + 2ρ)/N: where φ is steep far from its mean (ρ > 0), σ² is large when the gradient is. Written so that it is exact
 * without activation (κ = 3, ρ = 0), and near for few values.
 */
function afterActivation({ values, block, input, inputValues }: Terms): number {
  if (values <= 3) return Number.POSITIVE_INFINITY;
  const gaussian = (values - 2) / (values - 3);
  const tails = 1 + (block.kurtosis - 3) / (values - 1);
  const steep = 1 + (2 * block.steepness) / values;
  return ((block.c / block.variance) * gaussian * tails * widthFactor(inputValues, input.kurtosis)) / steep;
}

/** E[q·n/‖x‖²] to first order in 1/n, and the one direction of n, x itself, in which no gradient arrives. */
const widthFactor = (n: number, kurtosis: number): number => (1 - 1 / n) * (1 + (kurtosis - 1) / n);

/**
 * E[1/σ²] of m channels of S positions, variance 1 in all, of which β² is one offset per channel: σ² is a sum of two scaled
 * chi-squares, and E[1/X] = ∫₀^∞ E[exp(−tX)] dt. By the trapezoidal rule in log t, which converges geometrically.
 */
export function meanInverseVariance(
  channelsPerGroup: number,
  positions: number,
  offsetShare: number,
): number {
  const m = channelsPerGroup;
  const withinFreedom = m * (positions - 1);
  const within = (1 - offsetShare) / (positions * m);
  const betweenFreedom = m - 1;
  const between = (offsetShare + (1 - offsetShare) / positions) / m;
  const step = 0.25;
  let sum = 0;
  for (let logT = -40; logT < 100; logT += step) {
    const t = Math.exp(logT);
    const exponent =
      withinFreedom * Math.log1p(2 * t * within) + betweenFreedom * Math.log1p(2 * t * between);
    sum += t * Math.exp(-exponent / 2);
  }
  return sum * step;
}

/**
 * How much of β² zero padding leaves: with f_d the share of positions whose tap d is inside the image, Σf_d²/Σf_d along an
 * axis (the offset varies near borders, so that it is no longer one number per channel).
 */
function paddingShare({ kernelPositions = 1, spatial, stride = 1, padding = "zero" }: GainSetting): number {
  if (padding === "none" || kernelPositions === 1 || spatial === 1) return 1;
  const [taps, side] = [Math.round(Math.sqrt(kernelPositions)), Math.round(Math.sqrt(spatial))];
  const before = Math.floor((taps - 1) / 2);
  let [sum, squares] = [0, 0];
  for (let tap = 0; tap < taps; tap++) {
    let inside = 0;
    for (let o = 0; o < side; o++) {
      const at = o * stride + tap - before;
      if (at >= 0 && at < side * stride) inside += 1 / side;
    }
    sum += inside;
    squares += inside ** 2;
  }
  return (squares / sum) ** 2;
}

/** Above this share of offset per channel, φ′ differs too much between the channels of a small group. */
const MOST_OFFSET = 0.5;
const FEW_CHANNELS = 2;

function outsideRange(form: ClosedForm, terms: Terms, setting: GainSetting, gain: number): string {
  const { fanIn, kernelPositions = 1, spatial, padding = "zero" } = setting;
  const noun = form.isSpatial ? "values" : "channels";
  const least = form.leastValues;
  if (!Number.isFinite(gain))
    return `with ${terms.values} ${noun} per group the mean of 1/σ² does not exist.`;
  if (terms.values < least)
    return `${terms.values} ${noun} per group are fewer than ${least}, below which the formula is off by over 5 %.`;
  if (fanIn < form.leastFanIn)
    return `a fan-in of ${fanIn} is smaller than ${form.leastFanIn}, below which the formula is off by over 5 %.`;
  if (terms.offsetShare > MOST_OFFSET && terms.channelsPerGroup <= FEW_CHANNELS)
    return `with ${terms.channelsPerGroup} channels per group and a mean input that large, the formula is off by over 5 %.`;
  const kernels = Math.sqrt(spatial / kernelPositions);
  if (padding === "zero" && kernelPositions > 1 && kernels < form.leastKernels)
    return `on ${spatial} positions too many are at the zero-padded border, and the formula is off by over 5 %.`;
  return "";
}

function checkSetting(setting: GainSetting): void {
  const whole = { channels: 1, groups: 1, spatial: 1, kernelPositions: 1 } as const;
  for (const [name, least] of Object.entries(whole)) {
    const value = setting[name as keyof typeof whole] ?? least;
    if (!Number.isInteger(value) || value < least)
      throw badBlock(name, value, `a whole number from ${least}`);
  }
  for (const name of ["fanIn", "fanOut", "stride", "sizeRatio"] as const) {
    const value = setting[name] ?? 1;
    const least = name.startsWith("fan") ? 1 : 0;
    if (!Number.isFinite(value) || value < least || value === 0)
      throw badBlock(name, value, least === 1 ? "a number from 1" : "a number above 0");
  }
  const { channels, groups, offsetShare = 0 } = setting;
  if (!(offsetShare >= 0 && offsetShare < 1))
    throw badBlock("offsetShare", offsetShare, "a share from 0 to below 1");
  if (channels % groups !== 0)
    throw new UsageError("groups-do-not-divide", `${groups} groups do not divide ${channels} channels.`, {
      where: "groups",
      hint: "Choose a divisor of the number of channels.",
    });
}

const badBlock = (where: string, value: number, wanted: string): UsageError =>
  new UsageError("bad-block", `${value} is not ${wanted}.`, { where });
