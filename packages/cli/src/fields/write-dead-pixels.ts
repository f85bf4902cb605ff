// Runs `snellen deadpixels`: R of the score, what it says of pixels and layers, and whether perturbed pixels bear it out.
import { join } from "node:path";
import { UsageError } from "@snellen/graph";
import {
  accumulation,
  type BoundTarget,
  bindTargets,
  checkPerturbation,
  type DeadPixelSummary,
  evenly,
  type FieldPlan,
  type FieldSum,
  fieldMapOf,
  LABELLED_OR_PREDICTED,
  labelledOrPredicted,
  loupePicture,
  type PerturbationCheck,
  summarizeDeadPixels,
} from "snellen";
import { encodePng, ensureFolder, type OpenedModel, writeFileAtomic, writeNpy } from "snellen/node";
import type { DeadPixelFlags } from "../commands/deadpixels.ts";
import type { CommandContext } from "../main.ts";
import { batchOf, noteAssumptions, openImagesWithFlags } from "../open.ts";
import { EXIT } from "../terminal.ts";
import { writePlot } from "../write-plot.ts";
import { deadPixelText } from "./dead-pixel-text.ts";
import { convergencePlot, perturbationPlot } from "./field-plots.ts";
import { accumulate, type FieldRun, forgetProgress, unlabelledNote } from "./field-run.ts";

/** Plain data: null where there is no line. */
export type Perturbation = Omit<PerturbationCheck, "r2" | "slope"> & {
  readonly r2: number | null;
  readonly slope: number | null;
};

/** What `erf.json` of this command holds, and `--json` prints. */
export type DeadPixelFile = DeadPixelSummary & {
  readonly version: 1;
  readonly model: string;
  readonly target: string;
  /** Images whose class is known, and the share of them that is recognized. */
  readonly labelled: number;
  readonly accuracy: number | null;
  /** Whether it stopped before the images ended, as R was known well enough. */
  readonly stoppedEarly: boolean;
  readonly perturbation: Perturbation | null;
  readonly notes: readonly string[];
  /** Names in its folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
};

export async function writeDeadPixels(
  model: OpenedModel,
  path: string,
  flags: DeadPixelFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  const target = targetOf(model, flags.target);
  requirePixels(model);
  await ensureFolder(flags.out);
  const { entries } = await openImagesWithFlags(model, flags.images ?? [], flags, terminal);
  noteAssumptions(model, entries, flags, terminal);
  // a class that an image does not have shows before the work starts
  for (const { source, label } of entries) target.feed({ source, ...label });
  const plan: FieldPlan = { layers: [], target, accumulation: accumulation("dead-pixels") };
  const job = { model, path, plan, entries, folder: flags.out };
  const run = await accumulate(job, flags, context);
  const perturbation = await perturbed(model, target, entries, flags, context);
  const file = await writeFiles(model, target, run, perturbation, flags.out);
  await forgetProgress(flags.out);
  for (const note of file.notes) terminal.note(`${note}.`);
  terminal.result(file, () => deadPixelText(file, path, flags.out));
  return file.skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** Second differences need three pixels each way, which should show before the work starts. @throws UsageError `field-too-small` */
function requirePixels({ info: { input } }: OpenedModel): void {
  if (Math.min(...input.size) >= 3) return;
  throw new UsageError("field-too-small", `the network's input has ${input.size.join("x")} pixels only.`, {
    hint: "The test needs 3x3 pixels at least; where the size is open, write --size 32.",
  });
}

/** @throws UsageError `no-class-target`, and what `bindTargets` throws */
function targetOf({ info }: OpenedModel, wanted: string | undefined): BoundTarget {
  if (wanted === undefined) return labelledOrPredicted(info);
  const [target, ...others] = bindTargets(info, wanted);
  if (target !== undefined && others.length === 0 && target.kind.isClassScore === true) return target;
  throw new UsageError("no-class-target", `"${wanted}" is not the score of one class.`, {
    where: "--target",
    hint: "Write label, top1, a class's index or its name.",
  });
}

async function perturbed(
  model: OpenedModel,
  target: BoundTarget,
  entries: Awaited<ReturnType<typeof openImagesWithFlags>>["entries"],
  flags: DeadPixelFlags,
  { signal, terminal }: CommandContext,
): Promise<Perturbation | null> {
  if (flags.perturb === 0) return null;
  const found = await checkPerturbation(model, evenly(entries, flags.perturbImages), {
    target,
    pixels: flags.perturb,
    epsilon: flags.epsilon,
    seed: flags.seed,
    batch: batchOf(flags),
    signal,
    // they are told of where R is accumulated
    onSkip: () => undefined,
    onProgress: (done) => terminal.progress("perturbed pixels", done),
  });
  return found === undefined ? null : { ...found, r2: found.r2 ?? null, slope: found.slope ?? null };
}

async function writeFiles(
  { info, name }: OpenedModel,
  target: BoundTarget,
  { progress, stoppedEarly }: FieldRun,
  perturbation: Perturbation | null,
  out: string,
): Promise<DeadPixelFile> {
  const sum = progress.sums[0] as FieldSum;
  const map = fieldMapOf(sum);
  const summary = summarizeDeadPixels(info, map, sum.curve);
  const { labelled, correct } = progress;
  await writeNpy(join(out, "erf.npy"), { shape: map.dims, values: Float32Array.from(map.values) });
  const caption = `R of the score (${target.name}), ${map.n} images; L1 / mean ${summary.L1Normalized?.toFixed(3) ?? "?"}`;
  await writeFileAtomic(join(out, "erf.png"), await encodePng(loupePicture(map, [caption])));
  const convergence = await writePlot(out, "convergence.svg", convergencePlot("R of the score", sum.curve));
  const files: Record<string, string> = { field: "erf.npy", picture: "erf.png", convergence };
  if (perturbation !== null)
    files.perturbation = await writePlot(out, "perturbation.svg", perturbationPlot(perturbation));
  const file: DeadPixelFile = {
    version: 1,
    model: name,
    target: target.name,
    labelled,
    accuracy: labelled > 0 ? correct / labelled : null,
    stoppedEarly,
    ...summary,
    perturbation,
    notes: notesOn(target, map.values, progress, map.n),
    files,
    skipped: progress.skipped,
  };
  await writeFileAtomic(join(out, "erf.json"), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

function notesOn(
  target: BoundTarget,
  values: Float64Array,
  progress: FieldRun["progress"],
  n: number,
): string[] {
  return [
    ...(target.name === LABELLED_OR_PREDICTED ? unlabelledNote(progress, n) : []),
    ...(values.every((v) => v === 0)
      ? ["R is zero everywhere: no pixel raises the score, or what lies between is dead or saturated"]
      : []),
  ];
}
