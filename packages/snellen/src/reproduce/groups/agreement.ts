// Gradient gain against the number of groups in three ways: closed form, Monte Carlo of one block, and measured on graphs of
// untrained networks. Definition of the gain: methods.md §1, after arXiv:2302.03193.

import { type ClosedFormGain, closedFormGain } from "../../normalization/groups/closed-form.ts";
import { divisors } from "../../normalization/groups/divisors.ts";
import {
  type MeanGain,
  type SimulatedBlock,
  simulateGain,
} from "../../normalization/groups/simulate-gain.ts";
import { type Estimate, jackknife } from "../jackknife.ts";
import { eachNetwork, piece, type Study } from "../study.ts";
import { type LayerGains, layerGains } from "./layer-gains.ts";
import { type ChainShape, chain } from "./networks.ts";

/** One number of groups. */
export interface GainRow {
  readonly groups: number;
  /** From the sizes of the layer alone; null where it does not exist. */
  readonly formula: number | null;
  /** Whether the formula says that it is within 5 %; `reason` why not. */
  readonly isInRange: boolean;
  readonly reason: string;
  readonly measured: Estimate;
  /** Measured over the formula; null without one. */
  readonly ratio: Estimate | null;
  /** The same of graphs, where the formula is given what it takes for granted: mean square and offsets of what the layer reads. */
  readonly ratioInformed: Estimate | null;
  /** Whether the gain of a draw has a variance, which intervals rest on: six values per group or more. */
  readonly hasVariance: boolean;
}

/** The gains of one kind of network with one activation. */
export interface GainCurve {
  readonly network: string;
  readonly activation: string;
  readonly by: "simulation" | "graph";
  /** Channels, kernels, positions and repetitions in words. */
  readonly setup: string;
  readonly rows: readonly GainRow[];
}

const ACTIVATIONS = ["relu", "gelu", "silu"] as const;
export type TestedActivation = (typeof ACTIVATIONS)[number];

/** 1/σ² of n Gaussian values has a variance from six values on. */
const LEAST_VALUES = 6;
const NORMAL = 1.96;

/** Sides of pictures and maps. */
export const SIDE = 8;
const SIZES = {
  MLP: { channels: 256, kernelSide: 1, side: 1, draws: 1600, images: 4 },
  CNN: { channels: 64, kernelSide: 3, side: SIDE, draws: 120, images: 2 },
} as const;
const DEPTH = 5;
/** Groups that the measured networks run with: they settle what a layer reads. */
const OWN_GROUPS = 8;

export const activationsOf = ({ effort }: Pick<Study, "effort">): readonly TestedActivation[] =>
  ACTIVATIONS.slice(0, effort.activations);

/** Draws of a simulation, at least two. */
export const drawsOf = (draws: number, { effort }: Pick<Study, "effort">): number =>
  Math.max(2, Math.round(draws * effort.draws));

export async function gainCurves(study: Study): Promise<GainCurve[]> {
  const curves: GainCurve[] = [];
  for (const kind of ["MLP", "CNN"] as const)
    for (const activation of activationsOf(study)) {
      curves.push(
        await piece(study, `simulated ${kind} ${activation}`, () => simulated(kind, activation, study)),
      );
      curves.push(await onGraphs(kind, activation, study));
    }
  return curves;
}

function simulated(kind: "MLP" | "CNN", activation: TestedActivation, study: Study): GainCurve {
  const { channels, kernelSide, side, draws: all } = SIZES[kind];
  const block: SimulatedBlock = { kind: "plain", channels, kernelSide, side, activation };
  const draws = drawsOf(all, study);
  const groups = divisors(channels);
  const rows = simulateGain(block, { groups, draws, seed: study.seed }).map((found): GainRow => {
    const { gain, isValid, reason } = simulatedFormula(block, found.groups);
    const measured = meanEstimate(found);
    return {
      groups: found.groups,
      formula: gain,
      isInRange: isValid,
      reason,
      measured,
      ratio: gain === null ? null : scaled(measured, 1 / gain),
      ratioInformed: null,
      hasVariance: (channels / found.groups) * side ** 2 >= LEAST_VALUES,
    };
  });
  const where = side === 1 ? "linear" : `${kernelSide}×${kernelSide}, ${side}×${side} positions`;
  return {
    network: kind,
    activation,
    by: "simulation",
    setup: `${channels} channels, ${where}; ${draws} draws`,
    rows,
  };
}

/** The closed form of what is simulated, by norm. */
export function simulatedFormula(
  {
    channels,
    kernelSide = 1,
    side = 1,
    activation,
    inputActivation,
    position = "before-activation",
  }: SimulatedBlock,
  groups: number,
  offsetShare?: number,
): ClosedFormGain {
  const fan = channels * kernelSide ** 2;
  return closedFormGain({
    groups,
    channels,
    fanIn: fan,
    fanOut: fan,
    kernelPositions: kernelSide ** 2,
    activation,
    inputActivation,
    position,
    spatial: side ** 2,
    offsetShare,
    convention: "norm",
  });
}

/** A mean over many draws, with its normal interval. */
export const meanEstimate = ({ gain, standardError }: MeanGain): Estimate => ({
  value: gain,
  interval: [gain - NORMAL * standardError, gain + NORMAL * standardError],
});

export const scaled = ({ value, interval }: Estimate, by: number): Estimate => ({
  value: value * by,
  interval: interval && [interval[0] * by, interval[1] * by],
});

/** A mean over networks, with its interval over the draws of their weights. */
export function overNetworks(values: readonly number[]): Estimate {
  const mean = (without?: number): number => {
    const kept = values.filter((_, i) => i !== without);
    return kept.reduce((sum, v) => sum + v, 0) / kept.length;
  };
  return jackknife(values.length, mean) as Estimate;
}

/** Numbers of one network for one number of groups: means over its layers; null where a layer has none. */
interface NetworkGain {
  readonly measured: number;
  readonly ratio: number | null;
  readonly ratioInformed: number | null;
}

async function onGraphs(kind: "MLP" | "CNN", activation: TestedActivation, study: Study): Promise<GainCurve> {
  const { channels, kernelSide, side, images } = SIZES[kind];
  const count = study.effort.networks;
  const groups = divisors(channels);
  const shape: ChainShape = {
    kind,
    widths: new Array(DEPTH + 1).fill(channels),
    side: SIDE,
    activation,
    groups: () => OWN_GROUPS,
  };
  const networks = {
    step: `${kind} with ${activation}, gains`,
    key: `graph ${kind} ${activation}`,
    build: (seed: number) => chain(shape, seed),
  };
  const found = await eachNetwork(study, networks, async (model, seed) =>
    gainsOf(await layerGains(model, { groups, images, seed, signal: study.signal }), groups.length),
  );
  const block = { kind: "plain", channels, kernelSide, side, activation } as const;
  const rows = groups.map((g, i): GainRow => {
    const own = found.map((network) => network[i] as NetworkGain);
    const over = (of: "ratio" | "ratioInformed"): Estimate | null => {
      const values = own.map((o) => o[of]);
      return values.every((v) => v !== null) ? overNetworks(values) : null;
    };
    const { gain, isValid, reason } = simulatedFormula(block, g);
    return {
      groups: g,
      formula: gain,
      isInRange: isValid,
      reason,
      measured: overNetworks(own.map((o) => o.measured)),
      ratio: over("ratio"),
      ratioInformed: over("ratioInformed"),
      hasVariance: (channels / g) * side ** 2 >= LEAST_VALUES,
    };
  });
  const setup = `${count} networks of ${DEPTH + 1} layers of ${channels} channels, run with G = ${OWN_GROUPS}; mean over layers behind the first`;
  return { network: kind, activation, by: "graph", setup, rows };
}

function gainsOf(layers: readonly LayerGains[], count: number): NetworkGain[] {
  return Array.from({ length: count }, (_, i) => {
    const own = layers.map(({ gains }) => gains[i] as LayerGains["gains"][number]);
    const over = (of: "formula" | "informed") =>
      mean(own.map(({ measured, [of]: formula }) => (formula === null ? null : measured / formula)));
    return {
      measured: mean(own.map(({ measured }) => measured)) as number,
      ratio: over("formula"),
      ratioInformed: over("informed"),
    };
  });
}

function mean(values: readonly (number | null)[]): number | null {
  if (!values.every((v) => v !== null)) return null;
  return values.reduce<number>((sum, v) => sum + (v as number), 0) / values.length;
}
