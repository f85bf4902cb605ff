// The gradient gain of a residual block, x + [conv → GN → φ → conv → GN](x): that of the sum is one more than the branch's, as the
// gradients that skip and branch hand back have nothing to do with each other. Derived here; methods.md §1.
import { indexGraph } from "@snellen/graph";
import { groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { divisors } from "../../normalization/groups/divisors.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import type { LayerBlock } from "../../normalization/groups/layer-block.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import {
  blockOutput,
  drawBlock,
  planOf,
  type SimulatedBlock,
  simulateGain,
} from "../../normalization/groups/simulate-gain.ts";
import { randomStream } from "../../random.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Estimate } from "../jackknife.ts";
import { eachNetwork, piece, type Study } from "../study.ts";
import {
  activationsOf,
  drawsOf,
  meanEstimate,
  overNetworks,
  SIDE,
  scaled,
  simulatedFormula,
  type TestedActivation,
} from "./agreement.ts";
import { blockFormula, inputStatistics } from "./formula.ts";
import { residualChain } from "./networks.ts";

export interface ResidualRow {
  readonly groups: number;
  /** Of skip and branch together, and of the branch alone. */
  readonly sum: Estimate;
  readonly branch: Estimate;
  /** By closed form, both weights with what they read measured; null where it does not exist. */
  readonly branchFormula: number | null;
  readonly isInRange: boolean;
  /** Sum over 1 + the formula of the branch. */
  readonly ratio: Estimate | null;
  /** Of graphs: the sum's gain at each block, first to last. */
  readonly byBlock: readonly Estimate[];
}

export interface ResidualCurve {
  readonly activation: string;
  readonly by: "simulation" | "graph";
  readonly setup: string;
  readonly rows: readonly ResidualRow[];
}

const CHANNELS = 32;
const KERNEL = 3;
const DRAWS = 120;
const BLOCKS = 4;
const IMAGES = 2;
/** Those that networks are made with; each takes networks of its own. */
const GRAPH_GROUPS = [1, 4, 8, 32];

export async function residualCurves(study: Study): Promise<ResidualCurve[]> {
  const curves: ResidualCurve[] = [];
  for (const activation of activationsOf(study))
    curves.push(await piece(study, `simulated residual ${activation}`, () => simulated(activation, study)));
  curves.push(await onGraphs(study));
  return curves;
}

function simulated(activation: TestedActivation, study: Study): ResidualCurve {
  const half: SimulatedBlock = {
    kind: "plain",
    channels: CHANNELS,
    kernelSide: KERNEL,
    side: SIDE,
    activation,
  };
  const draws = drawsOf(DRAWS, study);
  const groups = divisors(CHANNELS);
  const found = simulateGain({ ...half, kind: "residual" }, { groups, draws, seed: study.seed });
  const rows = found.map(({ groups: g, branch, ...whole }): ResidualRow => {
    const first = simulatedFormula(half, g);
    const inner = { ...half, activation: "none", inputActivation: activation };
    const second = simulatedFormula(inner, g, offsetShareBehind(half, g, study.seed));
    const branchFormula = first.gain === null || second.gain === null ? null : first.gain * second.gain;
    const sum = meanEstimate(whole);
    return {
      groups: g,
      sum,
      branch: meanEstimate(branch ?? whole),
      branchFormula,
      isInRange: first.isValid && second.isValid,
      ratio: branchFormula === null ? null : scaled(sum, 1 / (1 + branchFormula)),
      byBlock: [],
    };
  });
  const setup = `${CHANNELS} channels, ${KERNEL}×${KERNEL}, ${SIDE}×${SIDE} positions; ${draws} draws`;
  return { activation, by: "simulation", setup, rows };
}

const OFFSET_DRAWS = 20;

/** Share of a block's output that is one offset per channel, simulated: few groups leave what its input's offsets make of it. */
function offsetShareBehind(block: SimulatedBlock, groups: number, seed: number): number {
  const plan = planOf(block);
  let share = 0;
  for (let d = 0; d < OFFSET_DRAWS; d++) {
    const output = blockOutput(plan, drawBlock(plan, randomStream(seed, d)), groups);
    const positions = output.length / block.channels;
    let [offsets, squares] = [0, 0];
    for (let c = 0; c < block.channels; c++) {
      const channel = output.subarray(c * positions, (c + 1) * positions);
      offsets += (channel.reduce((sum, v) => sum + v, 0) / positions) ** 2 / block.channels;
      squares += channel.reduce((sum, v) => sum + v * v, 0) / output.length;
    }
    share += offsets / squares / OFFSET_DRAWS;
  }
  return share;
}

/** One block of one network. */
interface BlockGain {
  readonly sum: number;
  readonly branch: number;
  readonly branchFormula: number | null;
  readonly isInRange: boolean;
}

async function onGraphs(study: Study): Promise<ResidualCurve> {
  const shape = { blocks: BLOCKS, channels: CHANNELS, side: SIDE, activation: "relu" } as const;
  const rows: ResidualRow[] = [];
  for (const groups of GRAPH_GROUPS) {
    const networks = {
      step: `residual blocks, G = ${groups}`,
      key: `residual ${groups}`,
      build: (seed: number) => residualChain({ ...shape, groups }, seed),
    };
    const found = await eachNetwork(study, networks, (model, seed) =>
      blockGains(model, groups, seed, study.signal),
    );
    rows.push(rowOf(groups, found));
  }
  const setup = `${study.effort.networks} networks of ${BLOCKS} blocks of ${CHANNELS} channels for each G, all normalizations with it; mean over blocks`;
  return { activation: "relu", by: "graph", setup, rows };
}

function rowOf(groups: number, networks: readonly (readonly BlockGain[])[]): ResidualRow {
  const over = (of: (block: BlockGain) => number): Estimate =>
    overNetworks(networks.map((blocks) => blocks.reduce((sum, b) => sum + of(b) / blocks.length, 0)));
  const all = networks.flat();
  const hasFormula = all.every(({ branchFormula }) => branchFormula !== null);
  return {
    groups,
    sum: over((b) => b.sum),
    branch: over((b) => b.branch),
    branchFormula: hasFormula ? over((b) => b.branchFormula as number).value : null,
    isInRange: all.every(({ isInRange }) => isInRange),
    ratio: hasFormula ? over((b) => b.sum / (1 + (b.branchFormula as number))) : null,
    byBlock: Array.from({ length: BLOCKS }, (_, i) =>
      overNetworks(networks.map((blocks) => (blocks[i] as BlockGain).sum)),
    ),
  };
}

async function blockGains(
  model: VisionModel,
  groups: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<BlockGain[]> {
  const layers = groupedBlocks(model.info).slice(1);
  const images = gaussianImages(model.info, IMAGES, seed);
  const inputs = await inputStatistics(model, layers, images, signal);
  const index = indexGraph(model.info.model);
  const pairs = layers.flatMap((first, i): [LayerBlock, LayerBlock][] => {
    const second = layers[i + 1];
    if (i % 2 === 1 || second === undefined) return [];
    const [add] = index.readers(second.output);
    // each under a normalization of its own, as blocks are told apart by theirs
    const sum = { ...first, output: add?.outputs[0] as string, outputSize: second.outputSize };
    return [[sum, { ...second, input: first.input, inputSize: first.inputSize }]];
  });
  const options = { candidates: () => ["as it is"] as const, seed, signal };
  const gains = await measureGains(model, pairs.flat(), images, options);
  return pairs.map((_, i) => {
    const formulas = [2 * i, 2 * i + 1].map((l) => blockFormula(layers[l] as LayerBlock, groups, inputs[l]));
    const [first, second] = formulas.map((formula) => formula?.gain ?? null);
    return {
      sum: gains[2 * i]?.[0]?.gain as number,
      branch: gains[2 * i + 1]?.[0]?.gain as number,
      branchFormula: first == null || second == null ? null : first * second,
      isInRange: formulas.every((formula) => formula?.isValid === true),
    };
  });
}
