// What a finished training leaves: the trained model, the curve, and all numbers with what it was trained with.
import { basename, join } from "node:path";
import {
  type Checkpoint,
  type EpochMetrics,
  type Evaluation,
  type FitPlan,
  type PreparedTraining,
  shareText,
  type TrainedModel,
} from "snellen";
import { type OpenedModel, writeFileAtomic, writeModelFile } from "snellen/node";
import type { TrainFlags } from "../commands/train.ts";
import { writePlot } from "../write-plot.ts";
import { metricsOf } from "./checkpoints.ts";
import { curvePlots } from "./training-curve.ts";
import { FILES, trainedFile } from "./training-output.ts";
import { epochsText } from "./training-text.ts";

/** What is trained, how, and under which settings a checkpoint may be gone on from. */
export interface TrainingJob {
  /** The model's file. */
  readonly path: string;
  readonly model: Pick<OpenedModel, "readExternal">;
  readonly prepared: PreparedTraining;
  readonly plan: FitPlan;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly flags: TrainFlags;
}

interface Outcome {
  readonly keptEpoch: number | null;
  /** On the validation pictures, before the first step. */
  readonly before: Evaluation | undefined;
  readonly test: Evaluation | undefined;
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
}

/** Writes what a finished training gives. */
export async function writeTrained(
  { path, model, prepared, plan, settings, flags }: TrainingJob,
  trained: TrainedModel,
  { progress }: Checkpoint,
  { keptEpoch, before, test, skipped }: Outcome,
): Promise<{ readonly json: object; readonly text: string }> {
  const out = trainedFile(path, flags);
  const files = await writeModelFile(out, trained.model, { readExternal: model.readExternal });
  const curve = await writePlot(flags.out, FILES.curve, ...curvePlots(metricsOf(before, progress.epochs)));
  const early = earlyText(plan, progress);
  const json = {
    model: basename(path),
    files,
    ownGraph: trained.isOriginal,
    settings,
    steps: progress.step,
    trained: prepared.parameters.map(({ name, role, dims }) => ({ name, role, dims })),
    frozen: prepared.frozen.map(({ name }) => name),
    before: before ?? null,
    epochs: progress.epochs,
    keptEpoch,
    stoppedEarly: early ?? null,
    test: test ?? null,
    skipped,
  };
  const report = join(flags.out, FILES.report);
  await writeFileAtomic(report, `${JSON.stringify(json, null, 1)}\n`);
  const kept = progress.epochs[(keptEpoch ?? 0) - 1];
  const lines = [
    `${out}: weights of epoch ${keptEpoch} of ${plan.epochs}${validationText(before, kept)}`,
    ...(early === undefined
      ? []
      : [`stopped early after epoch ${progress.epoch} of ${plan.epochs}: ${early}`]),
    ...(test === undefined
      ? []
      : [`test: accuracy ${shareText(test.accuracy)} %, loss ${test.loss.toFixed(4)}, ${test.n} pictures`]),
    ...(trained.isOriginal
      ? []
      : [
          "The file's own graph computes its weights from others; the trained model has the graph as Snellen reads it.",
        ]),
    ...(skipped.length === 0 ? [] : [`Not read: ${skipped.length} pictures.`]),
    `curve: ${join(flags.out, curve)}, all numbers: ${report}`,
  ];
  return { json, text: lines.join("\n") };
}

/** Why a training ended before its last epoch. */
const earlyText = ({ epochs, patience }: FitPlan, { epoch }: Checkpoint["progress"]): string | undefined =>
  patience !== undefined && epoch < epochs ? `no better for ${epochsText(patience)}` : undefined;

/** What the kept weights are worth beside those that the training began with. */
export function validationText(before: Evaluation | undefined, kept: EpochMetrics | undefined): string {
  if (before === undefined || kept?.validationAccuracy == null) return "";
  const [was, is] = [before.accuracy, kept.validationAccuracy];
  const worse = is < was ? ": it was better as it was, and a smaller --lr may keep more of that" : "";
  return `, validation accuracy ${shareText(is)} % (before ${shareText(was)} %)${worse}`;
}
