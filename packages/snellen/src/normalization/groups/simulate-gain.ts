// The gradient gain of a block with group normalization by Monte Carlo: the oracle of the closed forms, and what
// `snellen reproduce groups` draws. Definition: methods.md §1 (arXiv:2302.03193); the reverse pass is derived here.
import { UsageError } from "@snellen/graph";
import { type RandomStream, randomStream } from "../../random.ts";
import { type Activation, activationOf } from "./activations.ts";
import type { Convention, Position } from "./closed-form.ts";
import { gaussianMoments } from "./gaussian-moments.ts";

/** A block to simulate: a linear layer is a convolution of one position. */
export interface SimulatedBlock {
  /** "residual": skip + [weight → GN → φ → weight → GN]. */
  readonly kind: "plain" | "residual";
  readonly channels: number;
  /** Default `channels`. */
  readonly inputChannels?: number;
  /** Side of the square kernel, odd; default 1. */
  readonly kernelSide?: number;
  /** Side of the square grid of positions, at least the kernel's; default 1. */
  readonly side?: number;
  /** Default "zero". */
  readonly padding?: "zero" | "circular";
  readonly activation: string | Activation;
  /** φ that the block's input went through; default the same. */
  readonly inputActivation?: string | Activation;
  /** Default "before-activation"; a residual block has no other. */
  readonly position?: Position;
  /** Of the normalization, default 1e-5. */
  readonly epsilon?: number;
}

export interface SimulateOptions {
  /** Numbers of groups, divisors of `channels`. */
  readonly groups: readonly number[];
  /** Default 200. */
  readonly draws?: number;
  /** Default 0; equal seeds give equal gains. */
  readonly seed?: number;
  /** Default "norm". */
  readonly convention?: Convention;
}

export interface MeanGain {
  readonly gain: number;
  /** Of the mean over draws; too small where few values per group give the gain an infinite variance. */
  readonly standardError: number;
}

export interface SimulatedGain extends MeanGain {
  readonly groups: number;
  /** Of a residual block's branch alone; null for a plain block. */
  readonly branch: MeanGain | null;
}

/** Where each kernel position reads and how many channels it joins. */
interface Geometry {
  readonly inputs: number;
  readonly outputs: number;
  readonly positions: number;
  readonly taps: number;
  /** [taps, positions] → input position, −1 outside. */
  readonly reads: Int32Array;
}

interface Normalized {
  readonly values: Float64Array;
  /** 1/σ by group. */
  readonly inverse: Float64Array;
}

/** What one draw is made of: input [input channels, positions], weights [outputs, inputs, taps]. */
export interface Draw {
  readonly input: Float64Array;
  readonly weights: readonly Float64Array[];
  /** ∂L/∂o, independent signs [channels, positions]. */
  readonly gradient: Float64Array;
}

/** A block with its sizes checked and its functions found. */
export interface Plan {
  readonly geometry: Geometry;
  readonly activation: Activation;
  readonly input: Activation;
  readonly position: Position;
  readonly isResidual: boolean;
  readonly epsilon: number;
}

/**
 * Mean gradient gain over draws of weights, input and output gradient, for each number of groups on the same draws.
 * Weights are Gaussian and He-scaled (unit-variance pre-activations before normalization), γ = 1, β = 0; inputs φ_in of unit
 * Gaussians, standardized where the normalization follows φ; gradients independent signs, the iid choice with least spread.
 * @returns one entry per number of groups, in their order
 * @throws UsageError `bad-block`, `groups-do-not-divide`, `unknown-activation`
 */
export function simulateGain(block: SimulatedBlock, options: SimulateOptions): SimulatedGain[] {
  const { groups, draws = 200, seed = 0, convention = "norm" } = options;
  const plan = planOf(block);
  checkOptions(plan, options);
  const { inputs, outputs } = plan.geometry;
  const scale = convention === "variance" ? outputs / inputs : 1;
  const wholes = groups.map(() => new Float64Array(draws));
  const branches = groups.map(() => new Float64Array(draws));
  for (let d = 0; d < draws; d++) {
    const draw = drawBlock(plan, randomStream(seed, d));
    const first = weightStep(plan.geometry, draw.weights[0]!, draw.input);
    groups.forEach((g, i) => {
      const back = inputGradient(plan, draw, g, first);
      const sent = draw.gradient.length;
      wholes[i]![d] = (scale * sumOfSquares(back.whole)) / sent;
      branches[i]![d] = (scale * sumOfSquares(back.branch)) / sent;
    });
  }
  return groups.map((g, i) => ({
    groups: g,
    ...meanGain(wholes[i]!),
    branch: plan.isResidual ? meanGain(branches[i]!) : null,
  }));
}

/** Sizes of a block, checked. @throws UsageError `bad-block` */
export function planOf(block: SimulatedBlock): Plan {
  const { channels, inputChannels = channels, kernelSide = 1, side = 1, epsilon = 1e-5 } = block;
  const isResidual = block.kind === "residual";
  const position = block.position ?? "before-activation";
  const bad = (where: string, what: string) => new UsageError("bad-block", what, { where });
  for (const [name, value] of Object.entries({ channels, inputChannels, kernelSide, side }))
    if (!Number.isInteger(value) || value < 1) throw bad(name, `${value} is not a whole number from 1.`);
  if (kernelSide % 2 === 0 || kernelSide > side)
    throw bad("kernelSide", `a kernel of ${kernelSide} on ${side} positions is not odd, or too large.`);
  if (isResidual && (inputChannels !== channels || position === "after-activation"))
    throw bad("kind", "a residual block keeps its channels, and normalizes before its activation.");
  const activation = activationOf(block.activation);
  return {
    geometry: geometryOf(inputChannels, channels, kernelSide, side, block.padding ?? "zero"),
    activation,
    input: activationOf(block.inputActivation ?? activation),
    position,
    isResidual,
    epsilon,
  };
}

function geometryOf(
  inputs: number,
  outputs: number,
  kernelSide: number,
  side: number,
  padding: "zero" | "circular",
): Geometry {
  const positions = side * side;
  const taps = kernelSide * kernelSide;
  const half = (kernelSide - 1) / 2;
  const along = (at: number): number => {
    if (padding === "circular") return (at + side) % side;
    return at >= 0 && at < side ? at : -1;
  };
  const reads = Int32Array.from({ length: taps * positions }, (_, k) => {
    const [tap, o] = [Math.floor(k / positions), k % positions];
    const row = along(Math.floor(o / side) + Math.floor(tap / kernelSide) - half);
    const column = along((o % side) + (tap % kernelSide) - half);
    return row < 0 || column < 0 ? -1 : row * side + column;
  });
  return { inputs, outputs, positions, taps, reads };
}

function checkOptions({ geometry }: Plan, { groups, draws = 200 }: SimulateOptions): void {
  if (!Number.isInteger(draws) || draws < 2)
    throw new UsageError("bad-block", `${draws} is not a number of draws from 2.`, { where: "draws" });
  for (const g of groups)
    if (!Number.isInteger(g) || g < 1 || geometry.outputs % g !== 0)
      throw new UsageError(
        "groups-do-not-divide",
        `${g} groups do not divide ${geometry.outputs} channels.`,
        {
          where: "groups",
          hint: "Choose divisors of the number of channels.",
        },
      );
}

/** One draw of everything random. */
export function drawBlock(plan: Plan, random: RandomStream): Draw {
  const { geometry, input, activation, position, isResidual } = plan;
  const { inputs, outputs, positions, taps } = geometry;
  const normal = gaussianDraws(random);
  const { mu, q, variance } = gaussianMoments(input);
  const [shift, spread] = position === "after-activation" ? [mu, Math.sqrt(variance)] : [0, 1];
  const values = Float64Array.from(
    { length: inputs * positions },
    () => (input.value(normal()) - shift) / spread,
  );
  const weight = (from: number, secondMoment: number) => {
    const size = 1 / Math.sqrt(from * taps * secondMoment);
    const values = new Float64Array(outputs * from * taps);
    for (let k = 0; k < values.length; k++) values[k] = size * normal();
    return values;
  };
  const first = weight(inputs, position === "after-activation" ? 1 : q);
  const weights = isResidual ? [first, weight(outputs, gaussianMoments(activation).q)] : [first];
  const gradient = Float64Array.from({ length: outputs * positions }, () => 2 * random.integer(0, 1) - 1);
  return { input: values, weights, gradient };
}

/** Unit Gaussians by Marsaglia's polar method. */
function gaussianDraws(random: RandomStream): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    let [u, v, s] = [0, 0, 0];
    do {
      u = random.uniform(-1, 1);
      v = random.uniform(-1, 1);
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    spare = v * factor;
    return u * factor;
  };
}

/** The block's output [channels, positions], for `groups`. */
export function blockOutput(plan: Plan, draw: Draw, groups: number): Float64Array {
  const first = weightStep(plan.geometry, draw.weights[0]!, draw.input);
  const { output } = forward(plan, draw, groups, first);
  return plan.isResidual ? add(output, draw.input) : output;
}

/** ∂L/∂x [channels, positions] of the block, and of its branch alone (the same for a plain block). */
export function inputGradient(
  plan: Plan,
  draw: Draw,
  groups: number,
  first = weightStep(plan.geometry, draw.weights[0]!, draw.input),
): { readonly whole: Float64Array; readonly branch: Float64Array } {
  const branch = forward(plan, draw, groups, first).backward(draw.gradient);
  return { whole: plan.isResidual ? add(branch, draw.gradient) : branch, branch };
}

interface Step {
  readonly output: Float64Array;
  readonly backward: (gradient: Float64Array) => Float64Array;
}

/** The block behind its first weight, whose step is the same for all numbers of groups. */
function forward(plan: Plan, { weights }: Draw, groups: number, first: Step): Step {
  const rest: readonly ((x: Float64Array) => Step)[] =
    plan.position === "after-activation"
      ? [activate(plan), normalize(plan, groups)]
      : [normalize(plan, groups), activate(plan)];
  const steps = [first];
  const next = (step: (x: Float64Array) => Step) => steps.push(step(steps.at(-1)!.output));
  rest.forEach(next);
  if (plan.isResidual) {
    const inner = { ...plan.geometry, inputs: plan.geometry.outputs };
    next((x) => weightStep(inner, weights[1]!, x));
    next(normalize(plan, groups));
  }
  return {
    output: steps.at(-1)!.output,
    backward: (gradient) => steps.reduceRight((g, step) => step.backward(g), gradient),
  };
}

/** h[o, p] = Σ W[o, i, tap]·x[i, reads(tap, p)]: a product with the patches, and its transpose summed back into place. */
function weightStep(geometry: Geometry, weight: Float64Array, input: Float64Array): Step {
  const { inputs, outputs, positions, taps } = geometry;
  const fanIn = inputs * taps;
  const byOutput = { values: weight, rows: outputs, columns: fanIn, rowStep: fanIn, columnStep: 1 };
  const byInput = { values: weight, rows: fanIn, columns: outputs, rowStep: 1, columnStep: fanIn };
  return {
    output: product(byOutput, patchesOf(geometry, input), positions),
    backward: (gradient) => fromPatches(geometry, product(byInput, gradient, positions)),
  };
}

interface Matrix {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** a·b, b of [a.columns, width]. Four columns of a at a time: the sums are then read and written a quarter as often. */
function product(a: Matrix, b: Float64Array, width: number): Float64Array {
  const { values, rows, columns, rowStep, columnStep } = a;
  const out = new Float64Array(rows * width);
  const whole = columns - (columns % 4);
  for (let c = 0; c < whole; c += 4) {
    const b0 = c * width;
    const [b1, b2, b3] = [b0 + width, b0 + 2 * width, b0 + 3 * width];
    for (let r = 0, start = 0; r < rows; r++, start += width) {
      const k = r * rowStep + c * columnStep;
      const w0 = values[k]!;
      const w1 = values[k + columnStep]!;
      const w2 = values[k + 2 * columnStep]!;
      const w3 = values[k + 3 * columnStep]!;
      for (let p = 0; p < width; p++)
        out[start + p]! += w0 * b[b0 + p]! + w1 * b[b1 + p]! + w2 * b[b2 + p]! + w3 * b[b3 + p]!;
    }
  }
  for (let c = whole; c < columns; c++)
    for (let r = 0; r < rows; r++) {
      const w = values[r * rowStep + c * columnStep]!;
      for (let p = 0; p < width; p++) out[r * width + p]! += w * b[c * width + p]!;
    }
  return out;
}

/** [inputs, taps, positions]: what each kernel position reads. */
function patchesOf({ inputs, positions, taps, reads }: Geometry, input: Float64Array): Float64Array {
  const patches = new Float64Array(inputs * taps * positions);
  for (let i = 0, k = 0; i < inputs; i++)
    for (const from of reads) patches[k++] = from < 0 ? 0 : input[i * positions + from]!;
  return patches;
}

function fromPatches({ inputs, positions, taps, reads }: Geometry, patches: Float64Array): Float64Array {
  const values = new Float64Array(inputs * positions);
  for (let i = 0, k = 0; i < inputs; i++)
    for (let r = 0; r < taps * positions; r++, k++) {
      const to = reads[r]!;
      if (to >= 0) values[i * positions + to]! += patches[k]!;
    }
  return values;
}

const activate =
  ({ activation }: Plan) =>
  (input: Float64Array): Step => ({
    output: input.map(activation.value),
    backward: (gradient) => gradient.map((g, k) => g * activation.derivative(input[k]!)),
  });

/** ∂L/∂h = (g − mean g − ĥ·mean(g·ĥ))/σ, means over the group. */
const normalize =
  ({ epsilon }: Plan, groups: number) =>
  (input: Float64Array): Step => {
    const size = input.length / groups;
    const { values, inverse } = normalizeGroups(input, groups, epsilon);
    const backward = (gradient: Float64Array): Float64Array => {
      const back = new Float64Array(gradient.length);
      for (let g = 0; g < groups; g++) {
        let [mean, along] = [0, 0];
        for (let k = g * size; k < (g + 1) * size; k++) {
          mean += gradient[k]! / size;
          along += (gradient[k]! * values[k]!) / size;
        }
        for (let k = g * size; k < (g + 1) * size; k++)
          back[k] = inverse[g]! * (gradient[k]! - mean - values[k]! * along);
      }
      return back;
    };
    return { output: values, backward };
  };

function normalizeGroups(input: Float64Array, groups: number, epsilon: number): Normalized {
  const size = input.length / groups;
  const values = new Float64Array(input.length);
  const inverse = new Float64Array(groups);
  for (let g = 0; g < groups; g++) {
    let [mean, variance] = [0, 0];
    for (let k = g * size; k < (g + 1) * size; k++) mean += input[k]! / size;
    for (let k = g * size; k < (g + 1) * size; k++) variance += (input[k]! - mean) ** 2 / size;
    inverse[g] = 1 / Math.sqrt(variance + epsilon);
    for (let k = g * size; k < (g + 1) * size; k++) values[k] = (input[k]! - mean) * inverse[g]!;
  }
  return { values, inverse };
}

const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, k) => value + b[k]!);

const sumOfSquares = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0);

function meanGain(gains: Float64Array): MeanGain {
  const gain = gains.reduce((sum, g) => sum + g, 0) / gains.length;
  const spread = gains.reduce((sum, g) => sum + (g - gain) ** 2, 0) / (gains.length - 1);
  return { gain, standardError: Math.sqrt(spread / gains.length) };
}
