// Advised numbers of groups from a loaded model to a mended one, measured again on the graph that it is now.
// Kim et al., arXiv:2302.03193; gains measured on the graph are derived here.
import { InternalError } from "@snellen/graph";
import {
  type AdvisedBlock,
  type AdviseOptions,
  adviseLayers,
  DEFAULT_CONVENTION,
  groupedBlocks,
  groupNotes,
  type MeasuredOn,
  unfused,
} from "../normalization/groups/advise-groups.ts";
import type { Convention } from "../normalization/groups/closed-form.ts";
import { conventionFactor, type LayerAdvice } from "../normalization/groups/layer-advice.ts";
import { measureGains } from "../normalization/groups/measure-gains.ts";
import { pytorchGroups } from "../normalization/groups/pytorch-groups.ts";
import { rewriteFile } from "../normalization/groups/rewrite-file.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import { type Bench, compareOutputs } from "./compare-outputs.ts";
import type { Mending, Reopen } from "./mending.ts";

/** What `mendGroups` changed, and what it measured on. Plain data. */
export interface GroupsFacts {
  readonly changes: readonly GroupsChange[];
  readonly convention: Convention;
  readonly inputs: { readonly kind: MeasuredOn["kind"]; readonly count: number };
  /** Largest difference of the outputs, in parts of the largest output; null where nothing was mended or no number says it. */
  readonly outputDifference: number | null;
  readonly notes: readonly string[];
}

/** What became of one normalization: its number of groups and its gradient gain, before and after. */
export interface GroupsChange {
  readonly node: string;
  readonly module: string | null;
  readonly kind: string;
  readonly channels: number;
  readonly groups: { readonly before: number | null; readonly after: number };
  /** Gain before; the one that was advised for; the one measured on the new graph, in which earlier layers changed too. */
  readonly gain: { readonly before: number | null; readonly advised: number | null; readonly after: number };
}

/** How groups are advised for, and what the models before and after are compared on. */
export interface MendGroupsOptions extends Omit<AdviseOptions, "onProgress"> {
  /** Called with the share done of a step, 0 to 1. */
  readonly onProgress?: (step: string, done: number) => void;
  /** What the models before and after run on to compare their outputs; made when it is needed. */
  readonly bench: () => Promise<Bench> | Bench;
  readonly reopen: Reopen;
}

/**
 * Gives each normalization the number of groups that `adviseLayers` advises, and measures gains and outputs on the new graph. What
 * the network computes changes: it is to be trained with them.
 * @returns without a model where there is nothing to change
 * @throws InternalError where the new graph has other groups than advised; what measuring throws
 */
export async function mendGroups(
  model: VisionModel,
  on: MeasuredOn,
  { bench, reopen, ...options }: MendGroupsOptions,
): Promise<Mending<GroupsFacts>> {
  const advised = await adviseLayers(model, on, options);
  const edits = advised.filter(({ advice }) => advice.advised !== null && advice.advised !== advice.groups);
  const { convention = DEFAULT_CONVENTION } = options;
  const facts = { convention, inputs: { kind: on.kind, count: on.images.length } };
  if (edits.length === 0) {
    const notes = nothingNotes(model, advised, options);
    return { report: { ...facts, changes: [], outputDifference: null, notes }, mended: undefined };
  }
  const changed = rewriteFile(model.info.original, model.info.shapes, edits.map(editOf));
  await using mended = await reopen(changed);
  const gains = await measuredAgain(mended, edits, on, { ...options, convention });
  const { differences } = await compareOutputs(await bench(), [model.info.original, changed], (done) =>
    options.onProgress?.("comparing", done),
  );
  const advices = edits.map(({ advice }) => advice);
  const difference = differences[0]?.relative ?? Number.NaN;
  const report = {
    ...facts,
    changes: advices.map((advice, i) => changeOf(advice, gains[i] as number)),
    outputDifference: Number.isFinite(difference) ? difference : null,
    notes: ["Other groups change what the network computes: train or fine-tune it with them."],
  };
  return { report, mended: { model: changed, snippet: (name) => pytorchGroups(advices, name) } };
}

/** Why nothing is to be mended. */
function nothingNotes(
  { info }: VisionModel,
  advised: readonly AdvisedBlock[],
  { convertBatchNorm }: Pick<AdviseOptions, "convertBatchNorm">,
): string[] {
  const layers = advised.map(({ advice }) => advice);
  if (layers.length > 0) return ["Every layer has the advised number of groups."];
  return groupNotes(info, layers, { convertBatchNorm });
}

const editOf = ({ block, advice }: AdvisedBlock) => ({
  normalization: block.normalization,
  groups: advice.advised as number,
});

/** Gains of the changed layers on the new graph. @throws InternalError where their groups are not those advised */
async function measuredAgain(
  mended: VisionModel,
  edits: readonly AdvisedBlock[],
  { images }: MeasuredOn,
  {
    seed,
    signal,
    onProgress,
    convention,
  }: Pick<MendGroupsOptions, "seed" | "signal" | "onProgress"> & { readonly convention: Convention },
): Promise<number[]> {
  const network = unfused(mended);
  const all = groupedBlocks(network.info);
  const blocks = edits.map(({ block, advice }) => {
    const now = all.find(({ normalization }) => normalization.output === block.normalization.output);
    if (now?.normalization.groups === advice.advised) return now;
    const found =
      now === undefined ? "is no normalization any more" : `has ${now.normalization.groups} groups`;
    throw new InternalError(`"${block.normalization.output}" ${found}, not ${advice.advised}`);
  });
  const unit = new Set(blocks.filter((_, i) => edits[i]?.advice.affine === "unit"));
  const gains = await measureGains(network, blocks, images, {
    candidates: ({ normalization }) => [normalization.groups as number],
    affine: (block) => (unit.has(block) ? "unit" : "own"),
    seed,
    signal,
    onProgress: (done) => onProgress?.("measuring again", done),
  });
  return gains.map(([own], i) => {
    const gain = own?.gain ?? Number.NaN;
    if (!Number.isFinite(gain))
      throw new InternalError(`"${blocks[i]?.normalization.output}" has no gain with its new groups`);
    return gain * conventionFactor(convention, edits[i]?.advice.block.sizeRatio ?? 1);
  });
}

const changeOf = (advice: LayerAdvice, after: number): GroupsChange => ({
  node: advice.node,
  module: advice.module,
  kind: advice.kind,
  channels: advice.channels,
  groups: { before: advice.groups, after: advice.advised as number },
  gain: { before: advice.gainNow, advised: advice.gainThen, after },
});
