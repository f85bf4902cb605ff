// Runs `snellen fix groups`: advises, gives the file's own graph the advised numbers of groups, measures again on what it is now,
// and writes it.
import { basename } from "node:path";
import { InternalError } from "@snellen/graph";
import {
  type AdvisedBlock,
  adviseLayers,
  conventionFactor,
  groupedBlocks,
  groupNotes,
  type LayerAdvice,
  measureGains,
  pytorchGroups,
  rewriteFile,
  unfused,
  VERSION,
} from "snellen";
import { type OpenedModel, openModelGraph, writeFileAtomic } from "snellen/node";
import { adviceOptions } from "./advice-options.ts";
import type { FixGroupsFlags } from "./commands/fix/groups.ts";
import { compareOutputs } from "./compare-outputs.ts";
import type { CommandContext } from "./main.ts";
import { type MeasuredImages, measuredImages } from "./measured-images.ts";
import { mendedFiles, openDims, requireSeparateFiles, writeMended } from "./mended-files.ts";
import { openFileWithFlags } from "./open.ts";
import { saidBefore } from "./terminal.ts";

/** What `--json` prints, and the file beside the new model holds. */
export interface GroupsReport {
  readonly version: string;
  readonly model: string;
  /** What was written; empty where there was nothing to mend. */
  readonly files: readonly string[];
  readonly changes: readonly GroupsChange[];
  readonly convention: "norm" | "variance";
  readonly inputs: { readonly kind: "images" | "gaussian"; readonly count: number };
  /** Largest difference of the outputs, in parts of the largest output; null where nothing was written or no number says it. */
  readonly outputDifference: number | null;
  readonly skipped: MeasuredImages["skipped"];
  readonly notes: readonly string[];
}

export interface GroupsChange {
  readonly node: string;
  readonly module: string | null;
  readonly kind: string;
  readonly channels: number;
  readonly groups: { readonly before: number | null; readonly after: number };
  /** Gain before; the one that was advised for; the one measured on the new graph, in which earlier layers changed too. */
  readonly gain: { readonly before: number | null; readonly advised: number | null; readonly after: number };
}

/**
 * @throws UsageError as `snellen fix kernel-padding`; InternalError where the new graph has other groups than advised, and then
 *   nothing is written; what opening models and images, and measuring, throws
 */
export async function fixGroups(
  path: string,
  out: string,
  flags: FixGroupsFlags,
  context: CommandContext,
): Promise<GroupsReport> {
  const { terminal, signal } = context;
  const targets = mendedFiles(out, flags);
  await requireSeparateFiles(path, targets);
  const file = await openModelGraph(path);
  await using model = await openFileWithFlags(file, flags, terminal);
  const images = await measuredImages(model, flags, terminal);
  const advised = await adviseLayers(model, images, adviceOptions(flags, context));
  const edits = advised.filter(({ advice }) => advice.advised !== null && advice.advised !== advice.groups);
  const report = {
    version: VERSION,
    model: basename(path),
    convention: flags.convention,
    inputs: { kind: images.kind, count: images.images.length },
    skipped: images.skipped,
  };
  if (edits.length === 0) {
    const notes = nothingNotes(model, advised, flags);
    return { ...report, files: [], changes: [], outputDifference: null, notes };
  }
  const changed = rewriteFile(file.model, model.info.shapes, edits.map(editOf));
  const again = { ...context, terminal: saidBefore(terminal) };
  const gains = await measuredAgain({ ...file, model: changed }, edits, images, flags, again);
  const original = { path, file, dims: openDims(file.model, flags) };
  const { differences } = await compareOutputs(original, [file.model, changed], flags, again);
  signal.throwIfAborted();
  const advices = edits.map(({ advice }) => advice);
  const files = await writeMended(
    targets,
    changed,
    (name) => pytorchGroups(advices, name),
    file.readExternal,
  );
  const difference = differences[0]?.relative ?? Number.NaN;
  const whole: GroupsReport = {
    ...report,
    files,
    changes: advices.map((advice, i) => changeOf(advice, gains[i] as number)),
    outputDifference: Number.isFinite(difference) ? difference : null,
    notes: ["Other groups change what the network computes: train or fine-tune it with them."],
  };
  await writeFileAtomic(targets.report, `${JSON.stringify(whole, null, 1)}\n`);
  return whole;
}

/** Why nothing is to be mended. */
function nothingNotes(
  { info }: OpenedModel,
  advised: readonly AdvisedBlock[],
  flags: FixGroupsFlags,
): string[] {
  const layers = advised.map(({ advice }) => advice);
  if (layers.length > 0) return ["Every layer has the advised number of groups."];
  return groupNotes(info, layers, { convertBatchNorm: flags.convertBatchnorm });
}

const editOf = ({ block, advice }: AdvisedBlock) => ({
  normalization: block.normalization,
  groups: advice.advised as number,
});

/** Gains of the changed layers on the new graph. @throws InternalError where their groups are not those advised */
async function measuredAgain(
  file: Awaited<ReturnType<typeof openModelGraph>>,
  edits: readonly AdvisedBlock[],
  { images }: MeasuredImages,
  flags: FixGroupsFlags,
  { terminal, signal }: CommandContext,
): Promise<number[]> {
  await using model = await openFileWithFlags(file, flags, terminal);
  const network = unfused(model);
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
    seed: flags.seed,
    signal,
    onProgress: (done) => terminal.progress("measuring again", done),
  });
  return gains.map(([own], i) => {
    const gain = own?.gain ?? Number.NaN;
    if (!Number.isFinite(gain))
      throw new InternalError(`"${blocks[i]?.normalization.output}" has no gain with its new groups`);
    return gain * conventionFactor(flags.convention, edits[i]?.advice.block.sizeRatio ?? 1);
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
