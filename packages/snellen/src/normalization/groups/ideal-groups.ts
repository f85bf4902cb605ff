// The number of groups whose gradient gain is nearest to one, by closed form, from the sizes of a layer alone.
// Rule: arXiv:2302.03193 (ideal = isometric); its gain as derived in closed-form.ts.
import { UsageError } from "@snellen/graph";
import type { Activation } from "./activations.ts";
import {
  type ClosedFormGain,
  type Convention,
  closedFormGain,
  closedFormOf,
  type GainSetting,
  type Position,
} from "./closed-form.ts";
import { divisors } from "./divisors.ts";
import { nearestIsometry } from "./isometry.ts";

/** Sizes and activations of a block [weight, normalization, activation] whose groups are looked for. */
export interface IdealGroupsOptions {
  /** C, output channels of the weight before the normalization: what is divided into groups. */
  readonly channels: number;
  /** Default `channels`. */
  readonly inputChannels?: number;
  /** Sides of the kernel, or the side of a square one; [] or 1 (the default) for a linear layer. */
  readonly kernel?: number | readonly number[];
  /** Numbers that one output is made of; default input channels × kernel positions. */
  readonly fanIn?: number;
  /** Outputs that one input goes into, were the stride 1; default channels × kernel positions. */
  readonly fanOut?: number;
  /** Stride along each of two axes, default 1. */
  readonly stride?: number;
  /** An id such as "relu", or the function itself. */
  readonly activation: string | Activation;
  /** That of the block's input, default the same. */
  readonly inputActivation?: string | Activation;
  /** Default "before-activation". */
  readonly position?: Position;
  /** Sides of the output, or the side of a square one; [] or 1 (the default) for a linear layer. */
  readonly spatial?: number | readonly number[];
  /** Default "zero". */
  readonly padding?: "zero" | "none";
  /** As in `GainSetting`. */
  readonly offsetShare?: number;
  /** What is made isometric, default "norm". */
  readonly convention?: Convention;
}

/** The number of groups that is ideal by the closed form, and the gain of every other. */
export interface IdealGroups {
  /** Null where no divisor is in the formula's range. */
  readonly groups: number | null;
  readonly gain: number | null;
  /** Of every divisor of the number of channels, ascending. */
  readonly gains: readonly (ClosedFormGain & { readonly groups: number })[];
  /** The formula, in the notation of closed-form.ts, and where it holds within 5 %. */
  readonly formula: string;
  readonly range: string;
  /** What limits the choice, one sentence; "" where nothing does. */
  readonly note: string;
}

/** Logs of gains nearer than this are equal; fewer groups win. */
const TIE = 1e-9;

/**
 * The divisor of `channels` that brings the log of the gradient gain nearest to 0 among those in the formula's range; ties go to
 * fewer groups. Pure: nothing is run.
 * @throws UsageError `bad-channels`, `bad-block`, `unknown-activation`
 */
export function idealGroups(options: IdealGroupsOptions): IdealGroups {
  const { channels, position = "before-activation", convention = "norm" } = options;
  const setting = settingOf({ ...options, position, convention });
  const counts = divisors(channels);
  const gains = counts.map((groups) => ({ groups, ...closedFormGain({ ...setting, groups }) }));
  const groups = nearestIsometry(
    gains.map(({ groups, gain, isValid }) => ({ groups, gain: isValid ? gain : null })),
    TIE,
  );
  const form = closedFormOf(position, setting.spatial);
  return {
    groups,
    gain: gains.find((row) => row.groups === groups)?.gain ?? null,
    gains,
    formula: convention === "norm" ? form.formula : `(${form.formula})·N_out/N_in`,
    range: form.range,
    note: noteOf(channels, counts, groups),
  };
}

function noteOf(channels: number, counts: readonly number[], ideal: number | null): string {
  if (ideal === null) return "no number of groups is in the formula's range: measure the gain instead.";
  if (counts.length === 2) return `${channels} is prime: 1 and ${channels} are the only numbers of groups.`;
  return "";
}

type Settled = IdealGroupsOptions & Required<Pick<IdealGroupsOptions, "position" | "convention">>;

function settingOf(options: Settled): Omit<GainSetting, "groups"> {
  const { channels, inputChannels = channels, ...rest } = options;
  const [kernel, spatial] = [sides(options.kernel), sides(options.spatial)];
  divisors(channels);
  for (const [where, given] of Object.entries({ inputChannels: [inputChannels], kernel, spatial }))
    for (const side of given)
      if (!Number.isSafeInteger(side) || side < 1)
        throw badBlock(where, `${side} is not a whole number from 1.`);
  const kernelPositions = product(kernel);
  if (kernelPositions > 1 && spatial.length === 0)
    throw badBlock("spatial", "a kernel needs the sides of its output.", "Give spatial: [height, width].");
  return {
    ...rest,
    channels,
    kernelPositions,
    spatial: product(spatial),
    fanIn: options.fanIn ?? inputChannels * kernelPositions,
    fanOut: options.fanOut ?? channels * kernelPositions,
  };
}

/** The sides of a square where one number is given; none of a single position. */
const sides = (given: number | readonly number[] = []): readonly number[] =>
  typeof given !== "number" ? given : given === 1 ? [] : [given, given];

const product = (of: readonly number[]): number => of.reduce((count, side) => count * side, 1);

const badBlock = (where: string, what: string, hint?: string): UsageError =>
  new UsageError("bad-block", what, hint === undefined ? { where } : { where, hint });
