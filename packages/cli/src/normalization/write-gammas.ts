// Runs `snellen gammas`: the plan as a table, JSON, CSV or Python code, and as files with the variance ratios as a plot.
import { join } from "node:path";
import { ModelError, UsageError } from "@snellen/graph";
import {
  type GammaPlan,
  gammaPlan,
  type PlannedGamma,
  pytorchPlan,
  ratioPlot,
  type TrainingParameters,
  timmPlan,
} from "snellen";
import { ensureFolder, type OpenedModel, readTrainingParameters, writeFileAtomic } from "snellen/node";
import type { GammaFlags } from "../commands/gammas.ts";
import type { CommandContext } from "../main.ts";
import { type MeasuredImages, measuredImages } from "../measured-images.ts";
import { EXIT, type Terminal } from "../terminal.ts";
import { writePlot } from "../write-plot.ts";
import { gammasCsv, gammasText } from "./gammas-text.ts";

/** What `--json` prints, and gammas.json holds. */
export type GammasFile = GammaPlan & {
  readonly version: 1;
  readonly model: string;
  /** What the evidence is from; null without images. */
  readonly inputs: { readonly kind: "images"; readonly count: number } | null;
  /** Names in the folder of `--out`. */
  readonly files: Readonly<Record<string, string>>;
  readonly skipped: MeasuredImages["skipped"];
};

interface Given {
  /** Of the model. */
  readonly path: string;
  readonly training: TrainingParameters | undefined;
}

/** @throws what `readTrainingParameters` throws */
export const readTraining = async ({ parameters }: GammaFlags): Promise<TrainingParameters | undefined> =>
  parameters === undefined ? undefined : readTrainingParameters(parameters);

export async function writeGammas(
  model: OpenedModel,
  { path, training }: Given,
  flags: GammaFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const named = training === undefined ? {} : { training };
  const rules = await gammaPlan(model, [], named);
  requireGammas(rules, flags, path); // before anything takes long
  const missing = missingNotes(rules, flags, training);
  const { images, skipped } = await imagesOf(model, flags, terminal);
  const onProgress = (done: number, total: number): void =>
    terminal.progress("doubling each γ", done / total);
  const plan = images.length === 0 ? rules : await gammaPlan(model, images, { ...named, signal, onProgress });
  const found: GammasFile = {
    version: 1,
    model: model.name,
    inputs: images.length > 0 ? { kind: "images", count: images.length } : null,
    ...plan,
    notes: [
      ...plan.notes,
      ...missing,
      ...(images.length > 0 || plan.gammas.length === 0 ? [] : [RULES_ALONE]),
    ],
    files: {},
    skipped,
  };
  const file = await written(found, flags);
  for (const note of file.notes) terminal.note(`note: ${note}`);
  const texts: { readonly [F in GammaFlags["format"]]: () => string } = {
    table: () => gammasText(file, path),
    json: () => JSON.stringify(file, null, 2),
    csv: () => gammasCsv(file.gammas),
    ...codeOf(file),
  };
  terminal.result(file, texts[flags.format]);
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

const codeOf = ({ gammas, model }: Pick<GammasFile, "gammas" | "model">) => ({
  pytorch: () => pytorchPlan(gammas, model),
  timm: () => timmPlan(gammas, model),
});

const imagesOf = async (
  model: OpenedModel,
  flags: GammaFlags,
  terminal: Terminal,
): Promise<Pick<MeasuredImages, "images" | "skipped">> =>
  flags.images === undefined
    ? { images: [], skipped: [] }
    : measuredImages(model, { ...flags, seed: 0 }, terminal);

/** Code needs something to plan; a table can say that there is nothing. */
function requireGammas({ gammas, notes }: GammaPlan, { format }: GammaFlags, path: string): void {
  if (gammas.length > 0 || !isCode(format)) return;
  throw new ModelError("no-gamma", "there is nothing to plan.", {
    where: path,
    hint: notes.join(" "),
  });
}

const isCode = (format: GammaFlags["format"]): format is "pytorch" | "timm" =>
  format === "pytorch" || format === "timm";

const RULES_ALONE = "Nothing was measured: the rules stand alone without --images.";

/** @throws UsageError `other-parameters` where no γ has a name of the list */
function missingNotes(
  { gammas }: GammaPlan,
  flags: GammaFlags,
  training: TrainingParameters | undefined,
): string[] {
  const listed = new Set(training?.parameters.map(({ name }) => name));
  const others = gammas.filter(({ parameter }) => !listed.has(parameter));
  if (training === undefined || others.length === 0) return [];
  const shown = others.slice(0, MOST_NAMES).map(nameAndSize).join(", ");
  const more = others.length > MOST_NAMES ? ` and ${others.length - MOST_NAMES} more` : "";
  if (others.length === gammas.length)
    throw new UsageError("other-parameters", `names no γ of this model: ${shown}${more}.`, {
      where: `--parameters ${flags.parameters}`,
      hint: "Give the parameters of the network that was exported.",
    });
  return [`${others.length} of ${gammas.length} γ are not in --parameters: ${shown}${more}.`];
}

const MOST_NAMES = 4;
const nameAndSize = ({ parameter, channels }: PlannedGamma): string => `${parameter} [${channels}]`;

async function written(found: GammasFile, { out, format }: GammaFlags): Promise<GammasFile> {
  if (out === undefined) return found;
  await ensureFolder(out);
  const plot = ratioPlot(found.blocks);
  const code = isCode(format) ? format : "pytorch";
  const files = {
    table: "gammas.csv",
    ...(found.gammas.length === 0 ? {} : { [code]: "gammas.py" }),
    ...(plot === undefined ? {} : { ratios: await writePlot(out, "variance-ratios.svg", plot) }),
  };
  const file = { ...found, files };
  await writeFileAtomic(join(out, files.table), gammasCsv(found.gammas));
  if (found.gammas.length > 0) await writeFileAtomic(join(out, "gammas.py"), codeOf(found)[code]());
  await writeFileAtomic(join(out, "gammas.json"), `${JSON.stringify(file, null, 2)}\n`);
  return file;
}
